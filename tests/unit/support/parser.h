/* A parser as a suite's state, and one line's fields. */
#pragma once

#include "parse/parse.h"

/* Group set-up and tear-down: *state is a struct ps_parser *. */
int parser_open(void **state);
int parser_close(void **state);

/* The line must have this verdict, and these fields as event_text has them. */
void line_fields_check(const struct ps_parser *parser, const char *line, enum ps_verdict verdict, const char *fields);
