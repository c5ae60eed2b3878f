#include "support/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/event_text.h"

int parser_open(void **state)
{
    struct ps_parser *parser = NULL;
    int r = ps_parser_new(&parser);
    *state = parser;
    return r;
}

int parser_close(void **state)
{
    ps_parser_free(*state);
    return 0;
}

void line_fields_check(const struct ps_parser *parser, const char *line, enum ps_verdict verdict, const char *fields)
{
    struct ps_event ev;
    ps_event_init(&ev);
    struct ps_time_context time = {.last_usec = INT64_MIN};
    assert_int_equal(ps_parser_run(parser, &ev, ps_slice_from_str(line), &time), verdict);
    struct ps_buf out = {.max = 65536};
    event_text(&ev, &out);
    assert_string_equal(ps_buf_cstr(&out), fields);
    ps_buf_done(&out);
    ps_event_done(&ev);
}
