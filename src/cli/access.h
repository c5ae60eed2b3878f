/* Why the user who runs this can't read or write a file, and what would help. */
#pragma once

#include "base/buf.h"

/* Appends one line of text, without its newline, where the file can't be read: "user postship can't read it: …; add the
 * user to the group adm". Nothing where it can, or where it isn't there but could appear. */
void ps_access_read_explain(const char *path, struct ps_buf *out);

/* The same for a directory in which files are to be made; it, or the first that is missing above it, must be writable.
 */
void ps_access_directory_explain(const char *path, struct ps_buf *out);
