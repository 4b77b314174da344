import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { eventually } from '../../conformance/support/eventually.ts'
import type { PackagedDevice } from './packaged-device.ts'

const unit = 'drover-test-machine.service'
const program = '/usr/local/sbin/drover-test-machine'

/** Done at each start of the machine before anything else of it. */
const unitText = `[Unit]
DefaultDependencies=no
After=local-fs.target systemd-tmpfiles-setup.service
Before=sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program}
`

/** With each of these systemd gives a service a /proc of its own, which has the boot id of the host. */
const dropIn = `[Service]
ProtectProc=default
ProtectKernelTunables=no
ProtectControlGroups=no
`

/**
 * Makes an ordinary machine of a booted container: takes its marks off, and shows the agent the boot id that
 * systemd-nspawn makes for each of its starts. What the agent refuses in a container can then be done, and proven.
 * `atStart` are further lines of shell for each start. Resolves when the agent has reported that it can reboot.
 */
export async function hideContainer({ device, reported }: PackagedDevice, atStart = ''): Promise<void> {
  const lines = ['#!/bin/sh', 'set -e', 'rm -f /run/systemd/container /.dockerenv', atStart]
  writeFileSync(device.at(program), lines.join('\n'), { mode: 0o755 })
  writeFileSync(device.at(`etc/systemd/system/${unit}`), unitText)
  const wants = device.at('etc/systemd/system/sysinit.target.wants')
  mkdirSync(wants, { recursive: true })
  symlinkSync(`../${unit}`, `${wants}/${unit}`)
  mkdirSync(device.at('etc/systemd/system/drover-agent.service.d'), { recursive: true })
  writeFileSync(device.at('etc/systemd/system/drover-agent.service.d/machine.conf'), dropIn)
  await device.run('systemctl', 'daemon-reload')
  await device.run('systemctl', 'start', unit)
  await device.run('systemctl', 'restart', 'drover-agent')
  await eventually(reported, ({ agent }) => agent?.actions.includes('reboot') === true)
}
