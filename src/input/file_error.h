/* Why a file can't be read, and what to do about it, in words. */
#pragma once

#include <stddef.h>

enum { PS_FILE_ERROR_MAX = 512 };

/* `error` is a negative errno. Always fills buf with a string. */
void ps_file_error_explain(const char *path, int error, char *buf, size_t n);
