/* Replaces a small file so that a reader, or a start after a crash, sees the old content or the new one, never a
 * mixture. */
#pragma once

#include "base/buf.h"
#include "postship/slice.h"

/* Writes `content` to NAME.tmp in the open directory, fsyncs it, links the present NAME (if any) as `previous` (NULL:
 * not wanted), renames NAME.tmp over NAME, fsyncs the directory. Mode 0600. 0 or negative errno: then NAME is
 * untouched, or, where only the last fsync failed, replaced but perhaps not for long. NAME.tmp is gone. The names must
 * leave room for ".tmp". */
int ps_atomic_file_write(int dir_fd, const char *name, const char *previous, struct ps_slice content);

/* Appends the whole of NAME to *out. 0, -ENOENT, -EFBIG where it exceeds what *out may still take, or negative errno.
 */
int ps_atomic_file_read(int dir_fd, const char *name, struct ps_buf *out);
