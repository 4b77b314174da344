import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { findChromium } from './chromium.ts'

/** Draws build/icon.svg in the formats that Linux, Windows and macOS want; the results are committed. */
const folder = import.meta.dirname

/** Sizes in pixels, with the type that an .icns file gives each. */
const macSizes = { 128: 'ic07', 256: 'ic08', 512: 'ic09' } as const

async function draw(sizes: readonly number[]): Promise<Map<number, Buffer>> {
  const svg = readFileSync(path.join(folder, 'icon.svg')).toString('base64')
  const isRoot = process.getuid?.() === 0
  const browser = await chromium.launch({
    executablePath: await findChromium({ needsWindow: false }),
    // Chromium refuses its own sandbox to root.
    args: isRoot ? ['--no-sandbox'] : [],
  })
  try {
    const page = await browser.newPage()
    const images = new Map<number, Buffer>()
    for (const size of sizes) {
      await page.setViewportSize({ width: size, height: size })
      await page.setContent(
        `<body style="margin:0"><img width="${size}" src="data:image/svg+xml;base64,${svg}">`,
      )
      images.set(size, await page.screenshot({ omitBackground: true }))
    }
    return images
  } finally {
    await browser.close()
  }
}

/** A container of one 256-pixel PNG: Windows scales it by itself. Its layout is that of an icon directory with one entry. */
function toIco(png: Buffer): Buffer {
  const header = Buffer.alloc(22)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(1, 4)
  // Width and height 0 mean 256 pixels.
  header.writeUInt16LE(1, 10)
  header.writeUInt16LE(32, 12)
  header.writeUInt32LE(png.length, 14)
  header.writeUInt32LE(header.length, 18)
  return Buffer.concat([header, png])
}

/** Type, length and PNG of each image, after the type and length of the whole. */
function toIcns(images: ReadonlyMap<number, Buffer>): Buffer {
  const entries = Object.entries(macSizes).map(([size, type]) =>
    chunk(type, images.get(Number(size)) ?? Buffer.alloc(0)),
  )
  return chunk('icns', Buffer.concat(entries))
}

function chunk(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.write(type, 'latin1')
  header.writeUInt32BE(header.length + content.length, 4)
  return Buffer.concat([header, content])
}

const images = await draw(Object.keys(macSizes).map(Number))
writeFileSync(path.join(folder, 'icon.png'), images.get(512) ?? '')
writeFileSync(path.join(folder, 'icon.ico'), toIco(images.get(256) ?? Buffer.alloc(0)))
writeFileSync(path.join(folder, 'icon.icns'), toIcns(images))
