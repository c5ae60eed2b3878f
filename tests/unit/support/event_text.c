#include "support/event_text.h"

void event_text(const struct ps_event *ev, struct ps_buf *out)
{
    for (unsigned i = 0; i < ev->n; i++) {
        struct ps_slice v = ev->values[i].value;
        ps_buf_printf(out, "%s%s=%.*s", i ? "|" : "", ps_field_name(ev->values[i].field), v.n ? (int)v.n : 1,
                      v.n ? v.p : "!");
    }
}
