/* Reads JSON with libyajl into a tree. For small documents: checkpoints, status, test oracles. Strict: UTF-8 is checked
 * by base/utf8.h on top of yajl (whose own check lets surrogates and overlong forms pass), comments and trailing text
 * are errors. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "postship/slice.h"

struct ps_json; /* a value: object, array, string, number, bool or null */

/* 0; -EINVAL (not JSON, a name twice in an object, or deeper than 64); -ENOMEM. */
int ps_json_parse(struct ps_slice text, struct ps_json **ret);
struct ps_json *ps_json_free(struct ps_json *root); /* the root only */

/* NULL (or false) where it isn't there or isn't of that type; NULL as an argument is fine, so calls nest. Values are
 * owned by the root. */
const struct ps_json *ps_json_member(const struct ps_json *object, const char *name);
const struct ps_json *ps_json_element(const struct ps_json *array, size_t i);
size_t ps_json_length(const struct ps_json *array_or_object); /* 0 for anything else */
const char *ps_json_name(const struct ps_json *object, size_t i);
const struct ps_json *ps_json_value(const struct ps_json *object, size_t i);
bool ps_json_string(const struct ps_json *v, struct ps_slice *ret);
bool ps_json_i64(const struct ps_json *v, int64_t *ret);
bool ps_json_bool(const struct ps_json *v, bool *ret);
bool ps_json_number_text(const struct ps_json *v, struct ps_slice *ret); /* the lexeme */
