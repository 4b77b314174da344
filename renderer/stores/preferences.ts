import { defineStore } from 'pinia'
import { deviceColumns, type DeviceColumn } from '../model/device-columns.ts'
import { languages, preferredLanguage, type Language } from '../../contract/app/language.ts'
import { remembered } from './remembered.ts'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export type ColumnWidths = Readonly<Record<DeviceColumn, number>>

/** How the person likes the window, kept on this machine. */
export const usePreferences = defineStore('preferences', () => ({
  theme: remembered<Theme>('theme', 'system', (value) => themes.find((theme) => theme === value)),
  language: remembered<Language>('language', preferredLanguage(navigator.language), (value) =>
    languages.find((language) => language === value),
  ),
  columnWidths: remembered<ColumnWidths>('column-widths', defaultWidths, toWidths),
  drawerHeightPx: remembered('drawer-height', 280, toSize),
  actionListWidthPx: remembered('action-list-width', 330, toSize),
}))

const defaultWidths = Object.fromEntries(
  deviceColumns.map(({ key, widthPx }) => [key, widthPx]),
) as ColumnWidths

function toSize(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function toWidths(value: unknown): ColumnWidths | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const widths = new Map(Object.entries(value))
  const known = deviceColumns.map(({ key, widthPx }) => [key, toSize(widths.get(key)) ?? widthPx])
  return Object.fromEntries(known) as ColumnWidths
}
