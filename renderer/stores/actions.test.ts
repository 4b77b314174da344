import { beforeEach, expect, test } from 'vitest'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { useStoresOf } from '../testing/mount.ts'
import { actionId, actionSummary, target } from '../testing/values.ts'
import { useActions } from './actions.ts'
import { useNavigation } from './navigation.ts'

let app: FakeApp
let actions: ReturnType<typeof useActions>

beforeEach(() => {
  app = fakeApp()
  app.actions.push([
    actionSummary('01A', { succeeded: 1 }, { status: 'succeeded' }),
    actionSummary('01B', { working: 1 }),
  ])
  useStoresOf(app)
  actions = useActions()
})

test('the newest action comes first', async () => {
  await expect.poll(() => actions.summaries.map((action) => action.actionId)).toEqual(['01B', '01A'])
  expect(actions.running.map((action) => action.actionId)).toEqual(['01B'])
})

test('the targets of an open action follow their changes', async () => {
  app.targets.push({ isReset: true, targets: [target('a'), target('b')] })
  actions.open(actionId('01B'))
  expect(actions.isReading).toBe(true)
  await expect.poll(() => actions.targets.length).toBe(2)
  app.targets.push({ isReset: false, targets: [target('b', { status: 'succeeded' })] })
  await expect.poll(() => actions.targets.map(({ status }) => status)).toEqual(['waiting', 'succeeded'])
  expect(actions.opened?.actionId).toBe('01B')
})

test('opening another action leaves the first one', async () => {
  app.targets.push({ isReset: true, targets: [target('a')] })
  actions.open(actionId('01B'))
  await expect.poll(() => actions.targets.length).toBe(1)
  actions.open(actionId('01A'))
  expect(actions.targets).toEqual([])
  await expect.poll(() => actions.targets.length).toBe(1)
  await expect.poll(() => app.targets.watcherCount).toBe(1)
})

test('opening the same action again does not read it again', async () => {
  app.targets.push({ isReset: true, targets: [target('a')] })
  actions.open(actionId('01B'))
  await expect.poll(() => actions.targets.length).toBe(1)
  actions.open(actionId('01B'))
  expect(actions.targets.length).toBe(1)
})

test('an action whose targets cannot be followed says why', async () => {
  actions.open(actionId('01B'))
  await expect.poll(() => actions.isReading).toBe(false)
  app.close()
  await expect.poll(() => actions.problem?.code).toBe('unreachable')
})

test('showing an action from the fleet opens the drawer beside it', () => {
  const navigation = useNavigation()
  navigation.showAction(actionId('01A'))
  expect(navigation.isDrawerOpen).toBe(true)
  expect(actions.openId).toBe('01A')
})

test('showing an action from the activity view leaves the drawer closed', () => {
  const navigation = useNavigation()
  navigation.view = 'activity'
  navigation.showAction(actionId('01A'))
  expect(navigation.isDrawerOpen).toBe(false)
})
