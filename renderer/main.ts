import './api/no-eval.ts'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { jsonPort } from './api/json-port.ts'
import { openLink, provideLink } from './api/client.ts'
import App from './App.vue'
import { usePreferences } from './stores/preferences.ts'
import { createText } from './text/i18n.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/floating.css'
import './styles/campaign.css'
import './styles/command-dialog.css'
import './styles/table.css'
import './styles/device-grid.css'
import './styles/target-table.css'

const app = createApp(App)
provideLink(app, openLink(jsonPort(window.drover.openPort())))
app.use(createPinia())
app.use(createText(usePreferences().language))
app.mount('#app')
