/* Appends one JSON object a line to a file, or to standard output. A record is done when it has been synced to disk
 * (standard output, pipes, terminals, devices: when write has taken it).
 *
 * - One write for up to 256 KiB; one sync for all that was written: after 4,096 records or 4 MiB, in a flush, at the
 *   latest 50 ms after the first record. Flushes of less than 256 records that follow each other closely share one.
 * - The file may be renamed or removed while it is written: noticed within a second of writing, then a new one is made.
 *   So logrotate works without a signal, but use `delaycompress` (up to a second of records still goes to the old file)
 *   and not `copytruncate` (which loses what is written between its copy and its cut).
 * - A last line without newline, left by a crash, is cut off when the file is opened; its record comes again.
 * - It belongs to one pipeline: a second writer that takes the lock (flock) is kept out. */
#pragma once

#include "output/output.h"

struct ps_output_file_options {
    char *path; /* "-": standard output */
};

extern const struct ps_output_ops ps_output_file;
