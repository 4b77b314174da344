import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDebianPackage } from '../agent/support/debian-package.ts'
import { openField, type Field } from '../agent/support/field.ts'
import { killUpdate, textIn, type MakeUpdated } from '../agent/support/killed-update.ts'
import { startRauc, whyNoRauc } from '../agent/support/rauc-device.ts'
import { makeSwupdateImage, whyNoSwupdate } from '../agent/support/swupdate-image.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(() => field.close())

const content = Buffer.from('pump 2.0\n')
const old = 'pump 1.0\n'

function told(text: string | undefined): string {
  return text === old ? 'old' : text === content.toString() ? 'new' : String(text)
}

const file: MakeUpdated = async (folder) => {
  const target = join(folder, 'pump.bin')
  await writeFile(target, old)
  return { settings: `TARGET=${target}\n`, package: content, observe: async () => told(await textIn(target)) }
}

const slots: MakeUpdated = async (folder) => {
  const root = join(folder, 'root')
  await mkdir(join(root, 'slots/a'), { recursive: true })
  await writeFile(join(root, 'slots/a/.drover-version'), '1.0\n')
  await writeFile(join(root, 'slots/a/pump'), old)
  await symlink('slots/a', join(root, 'current'))
  await mkdir(join(folder, 'content'))
  await writeFile(join(folder, 'content/pump'), content)
  execFileSync('tar', ['-cf', join(folder, 'pump.tar'), '-C', join(folder, 'content'), '.'])
  return {
    settings: `ROOT=${root}\nREBOOT=no\n`,
    package: await readFile(join(folder, 'pump.tar')),
    observe: async () => {
      const found = told(await textIn(join(root, 'current/pump')))
      return existsSync(join(root, 'trial')) ? `${found}, on trial` : found
    },
  }
}

/** dpkg below a root of its own. */
const deb: MakeUpdated = async (folder) => {
  const root = join(folder, 'root')
  for (const name of ['updates', 'info']) await mkdir(join(root, 'var/lib/dpkg', name), { recursive: true })
  await writeFile(join(root, 'var/lib/dpkg/status'), '')
  const options = [`--root=${root}`, '--force-not-root', '--force-bad-path', `--log=${folder}/log`]
  const make = (version: string) =>
    makeDebianPackage(folder, { name: 'pump', version, files: { 'opt/pump': `pump ${version}\n` } })
  const [before, after] = [await make('1.0'), await make('2.0')]
  execFileSync('dpkg', [...options, '--install', before], { stdio: 'ignore' })
  const query = ['--root=' + root, '-W', '-f', '${db:Status-Status} ${Version}', 'pump']
  return {
    settings: `PACKAGE=pump\nDPKG="dpkg ${options.join(' ')}"\nDPKG_QUERY="dpkg-query --root=${root}"
if [ ! -e committed.deb ] && [ ! -e candidate.deb ]; then /bin/cp ${before} committed.deb; fi\n`,
    package: await readFile(after),
    observe: async () => {
      const status = execFileSync('dpkg-query', query).toString()
      const found = told(await textIn(join(root, 'opt/pump')))
      const expected = { old: 'installed 1.0', new: 'installed 2.0' }[found]
      return status === expected ? found : `${found}, and dpkg says ${status}`
    },
  }
}

const script: MakeUpdated = async (folder) => {
  const target = join(folder, 'pump')
  await writeFile(target, old)
  const body = `#!/bin/sh
case "$1" in
  install) [ -e ${target}.before ] || { cp ${target} ${target}.copy; mv ${target}.copy ${target}.before; }
    echo pump 2.0 > ${target}.new; mv ${target}.new ${target} ;;
  rollback) if [ -e ${target}.before ]; then cp ${target}.before ${target}.new; mv ${target}.new ${target}; fi ;;
esac
`
  return { settings: '', package: Buffer.from(body), observe: async () => told(await textIn(target)) }
}

/** What the boot loader would take is what runs: this machine cannot be rebooted. */
const rauc: MakeUpdated = async (folder) => {
  const device = await startRauc(folder)
  const large = Buffer.alloc(1024 * 1024, content)
  const bundle = await device.bundle('2.0', large)
  for (const version of ['1.0', '2.0']) await writeFile(join(folder, version), `IMAGE_VERSION=${version}\n`)
  return {
    settings: `REBOOT=no\nread -r slot < ${folder}/boot/primary
OS_RELEASE=${folder}/1.0; if [ "$slot" = B ]; then OS_RELEASE=${folder}/2.0; fi\n`,
    package: await readFile(bundle),
    bin: device.bin,
    observe: async () => {
      if ((await device.primary()) === 'A') return (await device.isGood('A')) ? 'old' : 'old, marked bad'
      return (await device.content('B', large.length)).equals(large) ? 'new' : 'a torn slot'
    },
    close: () => device.stop(),
  }
}

const swupdate: MakeUpdated = async (folder) => {
  const at = (name: string) => join(folder, name)
  const large = Buffer.alloc(1024 * 1024, content)
  await writeFile(at('slot'), Buffer.alloc(large.length))
  const image = await makeSwupdateImage(folder, { version: '2.0', content: large, slot: at('slot') })
  await writeFile(at('boot'), '1.0\n')
  await writeFile(at('switch'), `#!/bin/sh\necho 2.0 > ${at('boot')}\n`, { mode: 0o755 })
  for (const version of ['1.0', '2.0']) await writeFile(at(version), `IMAGE_VERSION=${version}\n`)
  return {
    settings: `REBOOT=no\nCOMMIT=true\nROLLBACK='echo 1.0 > ${at('boot')}'
OPTIONS='${image.options} -p ${at('switch')}'\nread -r running < ${at('boot')}\nOS_RELEASE=${folder}/$running\n`,
    package: await readFile(image.path),
    observe: async () => {
      if ((await textIn(at('boot'))) === '1.0\n') return 'old'
      return (await readFile(at('slot'))).equals(large) ? 'new' : 'a torn slot'
    },
  }
}

const hasDpkg = existsSync('/usr/bin/dpkg') ? undefined : 'there is no dpkg here'
const modules = [
  { module: 'file', make: file, missing: undefined },
  { module: 'ab-slots', make: slots, missing: undefined },
  { module: 'deb', make: deb, missing: hasDpkg },
  { module: 'script', make: script, missing: undefined },
  { module: 'rauc', make: rauc, missing: await whyNoRauc() },
  { module: 'swupdate', make: swupdate, missing: await whyNoSwupdate() },
].map((one) => ({ ...one, because: one.missing === undefined ? '' : ` (skipped: ${one.missing})` }))

/** Before each eleventh command: all of them take half an hour. */
const stride = Number(process.env['DROVER_KILL_STRIDE'] ?? 11)

const healths = [
  { isWell: true, health: 'well', end: 'applyComplete' },
  { isWell: false, health: 'not well', end: 'rolledBack' },
]
const cases = modules.flatMap((one) => healths.map((health) => ({ ...one, ...health })))

test.for(cases)(
  'a device that dies before any command of $module, which is $health then, ends as a whole, and says how$because',
  { timeout: 1_800_000 },
  async ({ module, make, missing, isWell, end }, { skip }) => {
    if (missing !== undefined) skip(missing)
    for (let killAt = 1; killAt < 200; killAt += stride) {
      const { wasKilled, ...result } = await killUpdate(field, module, { make, killAt, isWell })
      const found = result.status === 'applyComplete' ? 'new' : 'old'
      expect({ killAt, ...result }).toMatchObject({ killAt, found, status: end })
      if (!wasKilled) return
    }
    throw new Error('no update has got to its end alive')
  },
)
