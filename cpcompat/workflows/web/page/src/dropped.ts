/** What was dropped or picked, as files with the paths they get on the drive. */

export interface Upload {
  path: string;
  file: File;
}

/** Return the files picked in a dialog, in a folder. */
export function picked(files: Iterable<File>, folder: string): Upload[] {
  return [...files].map((file) => ({ path: folder + file.name, file }));
}

/** Return the files dropped, with those of dropped folders. The transfer is read at once, as it must be. */
export async function dropped(data: DataTransfer, folder: string): Promise<Upload[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return picked(data.files, folder);
  const found: Upload[] = [];
  for (const entry of entries) if (entry) await collect(entry, folder, found);
  return found;
}

async function collect(entry: FileSystemEntry, folder: string, found: Upload[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path: folder + entry.name, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const child of some) await collect(child, `${folder}${entry.name}/`, found);
  }
}
