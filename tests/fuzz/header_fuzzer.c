/* Any bytes as a syslog header: every slice it finds lies in the line, the message is the line's end. */
#include "base/timestamp.h"
#include "base/util.h"
#include "fuzz.h"
#include "parse/parse.h"

static void slice_check(struct ps_slice line, struct ps_slice part)
{
    if (part.n == 0)
        return;
    fuzz_check(part.p >= line.p && part.p + part.n <= line.p + line.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice line = ps_slice_make((const char *)data, size);
    struct ps_time_context time = {.anchor_usec = 1795302000 * PS_USEC_PER_SEC, .last_usec = INT64_MIN};
    struct ps_syslog_header h;
    if (!ps_syslog_header_parse(line, &time, &h))
        return 0;

    slice_check(line, h.host);
    slice_check(line, h.program);
    slice_check(line, h.pid);
    slice_check(line, h.message);
    fuzz_check(h.message.n == 0 || h.message.p + h.message.n == line.p + line.n);
    fuzz_check(h.priority >= -1 && h.priority < 192);
    for (size_t i = 0; i < h.pid.n; i++)
        fuzz_check(h.pid.p[i] >= '0' && h.pid.p[i] <= '9');
    return 0;
}
