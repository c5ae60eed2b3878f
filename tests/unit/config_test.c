#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/util.h"
#include "config.h"
#include "config_tables.h"
#include "input/file.h"
#include "output/file.h"

enum { TEXT_MAX = 1 << 20 };

/* Reads text as a configuration. The file's name in messages is replaced by "F". */
static int text_read(struct ps_slice text, struct ps_config **ret, struct ps_buf *ret_errors)
{
    int fd = memfd_create("config", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.p, text.n), text.n);
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);

    struct ps_buf errors = {.max = TEXT_MAX};
    int r = ps_config_read(path, ret, &errors);
    const char *at = ps_buf_cstr(&errors);
    assert_non_null(at);
    while (*at) {
        assert_memory_equal(at, path, strlen(path));
        at += strlen(path);
        size_t line = strcspn(at, "\n") + 1;
        (void)ps_buf_append_char(ret_errors, 'F');
        (void)ps_buf_append(ret_errors, at, line);
        at += line;
    }
    ps_buf_done(&errors);
    (void)close(fd);
    return r;
}

/* What every good configuration needs, in flow style, so that rows can add lines. */
#define IN         "inputs: {i: {file: {paths: /l}}}\n"
#define OUT        "outputs: {o: {file: {path: /p}}}\n"
#define PIPE       "pipelines: {p: {input: i, output: o}}\n"
#define TOP        "state_dir, shutdown_timeout, own_domains, own_networks, inputs, outputs, pipelines"
#define MAX_64     "0123456789012345678901234567890123456789012345678901234567890123"
#define NAMES      "expected a name of A-Z, a-z, 0-9, _, . and -, at most 64 long and without a . in front"
#define TIMEOUT    "expected a duration such as 30s, 5m or 2h, from 1s to 1h"
#define NETWORK    "expected a network such as 192.0.2.0/24 or 2001:db8::/32, with all host bits zero"
#define FILTER     IN OUT "pipelines:\n  p: {input: i, output: o, "
#define FILTERED   "pipelines: {p: {input: i, output: o, keep: [{event: a*, pid: 7}], drop: [{event: debug}]}}\n"
#define CONDITIONS "expected a list of conditions such as {event: delivery, status: [deferred, bounced]}"
#define CONDITION  "expected a mapping of fields to texts such as {event: debug}"
#define DOMAIN     "expected a domain such as example.org"

static const struct {
    const char *text;
    const char *errors; /* all of them */
} bad_rows[] = {
    /* the document */
    {"", "F:1:1: inputs: expected a mapping of names to inputs, found nothing\n"
         "F:1:1: outputs: expected a mapping of names to outputs, found nothing\n"
         "F:1:1: pipelines: expected a mapping of names to pipelines, found nothing\n"},
    {"- a\n", "F:1:1: expected a mapping of keys to values, found a list\n"},
    {"text\n", "F:1:1: expected a mapping of keys to values, found a text\n"},
    {IN OUT PIPE "---\na: b\n", "F:5:1: expected a single document, found a second one\n"},
    {"inputs:\n\ti: x\n", "F:2:1: not valid YAML: while scanning for the next token, found character that cannot start "
                          "any token (a tab: indent with blanks)\n"},
    {"x: \303\244 # \303\266\n\ty: z\n",
     "F:2:1: not valid YAML: while scanning for the next token, found character that cannot start any token (a tab: "
     "indent with blanks)\n"},
    {"x: a\n\ty\n", "F:2:1: not valid YAML: while scanning a plain scalar, found a tab character that violates "
                    "indentation\n"},
    {"a: [b\nc: d\n", "F:2:2: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']'\n"},
    {"a: b: c\n", "F:1:5: not valid YAML: mapping values are not allowed in this context\n"},
    {"a: b\nc: \377\n", "F:2:4: not valid YAML: invalid leading UTF-8 octet\n"},
    {"a: *b\n", "F:1:4: not valid YAML: found undefined alias\n"},

    /* keys */
    {IN OUT PIPE "state_dri: /s\n",
     "F:4:1: state_dri: expected one of " TOP ", found an unknown key; did you mean state_dir?\n"},
    {IN OUT PIPE "xyz: 1\n", "F:4:1: xyz: expected one of " TOP ", found an unknown key\n"},
    {IN OUT PIPE "state_dir: /s\nstate_dir: /s\n",
     "F:5:1: state_dir: expected each key once, found it in line 4, too\n"},
    {IN OUT PIPE "outputs: {}\n", "F:4:1: outputs: expected each key once, found it in line 2, too\n"},
    {IN OUT PIPE "? [a]\n: b\n", "F:4:3: expected a word as the key, found a list\n"},
    {IN OUT PIPE "~: b\n", "F:4:1: expected a word as the key, found nothing\n"},
    {IN OUT PIPE "\"a\\0b\": b\n", "F:4:1: expected a word as the key, found a text with a NUL in it\n"},

    /* values of the top level */
    {IN OUT PIPE "state_dir:\n", "F:4:11: state_dir: expected a text, found nothing\n"},
    {IN OUT PIPE "state_dir: ''\n", "F:4:12: state_dir: expected a text, found ''\n"},
    {IN OUT PIPE "state_dir: [a]\n", "F:4:12: state_dir: expected a text, found a list\n"},
    {IN OUT PIPE "state_dir: \"a\\0b\"\n", "F:4:12: state_dir: expected a text, found a text with a NUL in it\n"},
    {IN OUT PIPE "shutdown_timeout: 10\n", "F:4:19: shutdown_timeout: " TIMEOUT ", found '10'\n"},
    {IN OUT PIPE "shutdown_timeout: 61m\n", "F:4:19: shutdown_timeout: " TIMEOUT ", found '61m'\n"},
    {IN OUT PIPE "shutdown_timeout: {}\n", "F:4:19: shutdown_timeout: " TIMEOUT ", found a mapping\n"},
    {IN OUT PIPE "shutdown_timeout: \"\\x1b[31m\\n\\x9b\"\n", "F:4:19: shutdown_timeout: " TIMEOUT ", found '?[31m??"
                                                              "?'\n"},
    {IN OUT PIPE "shutdown_timeout: " MAX_64 "\n", "F:4:19: shutdown_timeout: " TIMEOUT ", found '" MAX_64 "'\n"},
    {IN OUT PIPE "shutdown_timeout: x" MAX_64 "\n", "F:4:19: shutdown_timeout: " TIMEOUT ", found 'x"
                                                    "012345678901234567890123456789012345678901234567890123456789012"
                                                    "'...\n"},
    /* the 64th byte is the first of two: not cut within */
    {IN OUT PIPE "shutdown_timeout: 012345678901234567890123456789012345678901234567890123456789012\303\244\n",
     "F:4:19: shutdown_timeout: " TIMEOUT
     ", found '012345678901234567890123456789012345678901234567890123456789012'...\n"},
    {IN OUT PIPE "own_networks: [192.0.2.0/24, 192.0.2.1/24, mx]\n",
     "F:4:30: own_networks: " NETWORK ", found '192.0.2.1/24'\nF:4:44: own_networks: " NETWORK ", found 'mx'\n"},
    {IN OUT PIPE "own_networks: {a: b}\n",
     "F:4:15: own_networks: expected a list of networks such as 192.0.2.0/24 or 2001:db8::/32, found a mapping\n"},
    {IN OUT PIPE "own_domains: [[a], '', .example.org, 'a b', \303\274..b, \"example.org.\"]\n",
     "F:4:15: own_domains: expected a text, found a list\n"
     "F:4:20: own_domains: expected a text, found ''\n"
     "F:4:24: own_domains: " DOMAIN ", found '.example.org'\n"
     "F:4:38: own_domains: " DOMAIN ", found 'a b'\n"
     "F:4:45: own_domains: " DOMAIN ", found '\303\274..b'\n"
     "F:4:51: own_domains: " DOMAIN ", found 'example.org.'\n"},

    /* inputs */
    {"inputs: {}\n" OUT PIPE, "F:1:9: inputs: expected a mapping of names to inputs, found an empty one\n"
                              "F:3:24: pipelines.p.input: expected the name of an input (there is none), found 'i'\n"},
    {"inputs: [i]\n" OUT PIPE, "F:1:9: inputs: expected a mapping of names to inputs, found a list\n"
                               "F:3:24: pipelines.p.input: expected the name of an input (there is none), found 'i'\n"},
    {"inputs:\n  i: {file: {paths: /l}}\n  .x: {}\n" OUT PIPE, "F:3:3: inputs: " NAMES ", found '.x'\n"},
    {"inputs:\n  i: {file: {paths: /l}}\n  a/b: {}\n" OUT PIPE, "F:3:3: inputs: " NAMES ", found 'a/b'\n"},
    {"inputs:\n  i: {file: {paths: /l}}\n  x" MAX_64 ": {}\n" OUT PIPE,
     "F:3:3: inputs: " NAMES ", found 'x012345678901234567890123456789012345678901234567890123456789012'...\n"},
    {"inputs:\n  i: {file: {paths: /l}}\n  i: {file: {paths: /l}}\n" OUT PIPE,
     "F:3:3: inputs.i: expected each key once, found it in line 2, too\n"},
    {"inputs: {i: {}}\n" OUT PIPE, "F:1:13: inputs.i: expected exactly one of the kinds file, found none\n"},
    {"inputs: {i: }\n" OUT PIPE, "F:1:13: inputs.i: expected exactly one of the kinds file, found none\n"},
    {"inputs: {i: /l}\n" OUT PIPE, "F:1:13: inputs.i: expected a mapping of keys to values, found a text\n"
                                   "F:1:13: inputs.i: expected exactly one of the kinds file, found none\n"},
    {"inputs: {i: {fil: {paths: /l}}}\n" OUT PIPE,
     "F:1:13: inputs.i: expected exactly one of the kinds file, found none\n"
     "F:1:14: inputs.i.fil: expected one of host, file, found an unknown key; did you mean file?\n"},
    {"inputs: {i: {file: {paths: /l, read_from: start}}}\n" OUT PIPE,
     "F:1:43: inputs.i.file.read_from: expected one of beginning, end, found 'start'\n"},
    {"inputs:\n  i:\n    file:\n" OUT PIPE,
     "F:3:10: inputs.i.file.paths: expected a text or a list of texts, found nothing\n"},
    {"inputs:\n  i:\n    file:\n      paths:\n" OUT PIPE,
     "F:4:13: inputs.i.file.paths: expected a text or a list of texts, found nothing\n"},
    {"inputs:\n  i:\n    file:\n      paths: []\n" OUT PIPE,
     "F:4:14: inputs.i.file.paths: expected a text or a list of texts, found it empty\n"},
    {"inputs:\n  i:\n    file: {paths: /l, path: /l}\n" OUT PIPE, NULL /* any, but not none */},
    /* a node within itself ends */
    {"inputs: {i: {file: &f {paths: [*f]}}}\n" OUT PIPE,
     "F:1:20: inputs.i.file.paths: expected a text, found a mapping\n"},
    {"inputs: &i {i: *i}\n" OUT PIPE, NULL},

    /* outputs */
    {IN "outputs: {o: {file: {path: ''}}}\n" PIPE, "F:2:28: outputs.o.file.path: expected a text, found ''\n"},

    /* pipelines */
    {IN OUT "pipelines:\n", "F:3:11: pipelines: expected a mapping of names to pipelines, found nothing\n"},
    {IN OUT "pipelines: {}\n", "F:3:12: pipelines: expected a mapping of names to pipelines, found an empty one\n"},
    {IN OUT, "F:1:1: pipelines: expected a mapping of names to pipelines, found nothing\n"},
    {IN OUT "pipelines: {p: {input: i, output: p}}\n",
     "F:3:35: pipelines.p.output: expected the name of an output (o), found 'p'\n"},
    {"inputs: {mail: {file: {paths: /l}}, b: {file: {paths: /l}}}\n" OUT "pipelines: {p: {input: mial, output: o}}\n",
     "F:3:24: pipelines.p.input: expected the name of an input (mail, b), found 'mial'; did you mean mail?\n"},
    {IN OUT "pipelines:\n  p:\n    input: i\n", "F:5:5: pipelines.p.output: expected a text, found nothing\n"},
    {IN OUT "pipelines:\n  p: {input: i, output: o, window: 99}\n",
     "F:4:36: pipelines.p.window: expected a whole number, from 100 to 1000000, found '99'\n"},
    {IN OUT "pipelines:\n  p: {input: i, output: o, window: 1000001, window_bytes: 4194303}\n",
     "F:4:36: pipelines.p.window: expected a whole number, from 100 to 1000000, found '1000001'\n"
     "F:4:59: pipelines.p.window_bytes: expected a size such as 16MiB, from 4MiB to 1GiB, found '4194303'\n"},
    {IN OUT "pipelines:\n  p: {input: i, output: o, add: {host: a, A: b, '': c, a-b: d, site: e, tags: f}}\n",
     "F:4:34: pipelines.p.add: expected a name that no field of an event has, found 'host'\n"
     "F:4:43: pipelines.p.add: expected a name of a-z, 0-9 and _, at most 64 long, found 'A'\n"
     "F:4:49: pipelines.p.add: expected a name of a-z, 0-9 and _, at most 64 long, found ''\n"
     "F:4:56: pipelines.p.add: expected a name of a-z, 0-9 and _, at most 64 long, found 'a-b'\n"
     "F:4:73: pipelines.p.add: expected a name that no field of an event has, found 'tags'\n"},
    {IN OUT "pipelines:\n  p: {input: i, output: o, add: {site: [a], site: b}}\n",
     "F:4:40: pipelines.p.add.site: expected a text, found a list\n"
     "F:4:45: pipelines.p.add.site: expected each key once, found it in line 4, too\n"},
    {IN OUT "pipelines:\n  p: {input: i, output: o, add: site=ams1}\n",
     "F:4:33: pipelines.p.add: expected a mapping of names to texts, found a text\n"},

    /* what is kept and dropped */
    {FILTER "drop: {event: debug}}\n", "F:4:34: pipelines.p.drop: " CONDITIONS ", found a mapping\n"},
    {FILTER "drop: debug}\n", "F:4:34: pipelines.p.drop: " CONDITIONS ", found 'debug'\n"},
    {FILTER "keep: []}\n", "F:4:34: pipelines.p.keep: " CONDITIONS ", found it empty\n"},
    {FILTER "drop: [debug, [a], {}, ~, {event: debug}]}\n",
     "F:4:35: pipelines.p.drop: " CONDITION ", found 'debug'\n"
     "F:4:42: pipelines.p.drop: " CONDITION ", found a list\n"
     "F:4:47: pipelines.p.drop: " CONDITION ", found an empty one\n"
     "F:4:51: pipelines.p.drop: " CONDITION ", found nothing\n"},
    {FILTER "drop: [{evnet: debug}]}\n", "F:4:36: pipelines.p.drop.evnet: expected the name of a field of events, "
                                         "found an unknown one; did you mean event?\n"},
    {FILTER "keep: [{event: delivery, xyzzyx: 1}]}\n",
     "F:4:53: pipelines.p.keep.xyzzyx: expected the name of a field of events, found an unknown one\n"},
    {FILTER "keep: [{event: delivery}, {encoding_repaired: true}]}\n",
     "F:4:55: pipelines.p.keep.encoding_repaired: expected a field that events have when they are filtered, found one "
     "that comes later\n"},
    {FILTER "drop: [{event: debgu}]}\n", "F:4:43: pipelines.p.drop.event: expected an event kind such as delivery or "
                                         "login_failed, found 'debgu'; did you mean debug?\n"},
    {FILTER "drop: [{event: [debug, xyzzyx, zz*, login_*]}]}\n",
     "F:4:51: pipelines.p.drop.event: expected an event kind such as delivery or login_failed, found 'xyzzyx'\n"
     "F:4:59: pipelines.p.drop.event: expected an event kind such as delivery or login_failed, found 'zz*'\n"},
    {FILTER "drop: [{outcome: [sucess, fail*]}]}\n",
     "F:4:46: pipelines.p.drop.outcome: expected one of success, failure, unknown, found 'sucess'; did you mean "
     "success?\n"},
    {FILTER "drop: [{smtp_code: 5xx, pid: [7, '']}]}\n",
     "F:4:47: pipelines.p.drop.smtp_code: expected a whole number, or a pattern such as 5*, found '5xx'\n"
     "F:4:61: pipelines.p.drop.pid: expected a whole number, or a pattern such as 5*, found ''\n"},
    {FILTER "drop: [{delay: 1s}]}\n",
     "F:4:43: pipelines.p.drop.delay: expected a number, or a pattern such as 0.*, found '1s'\n"},
    {FILTER "drop: [{line_cut: yes}]}\n", "F:4:46: pipelines.p.drop.line_cut: expected true or false, found 'yes'\n"},
    {FILTER "drop: [{client_ip: 192.0.2.0/24}]}\n",
     "F:4:47: pipelines.p.drop.client_ip: expected an address, or a pattern such as 192.0.2.*, found "
     "'192.0.2.0/24'\n"},
    {FILTER "drop: [{status: []}, {status: }, {status: {a: b}}, {status: [a, [b], ~]}]}\n",
     "F:4:44: pipelines.p.drop.status: expected a text or a list of texts, found it empty\n"
     "F:4:58: pipelines.p.drop.status: expected a text or a list of texts, found nothing\n"
     "F:4:70: pipelines.p.drop.status: expected a text or a list of texts, found a mapping\n"
     "F:4:92: pipelines.p.drop.status: expected a text, found a list\n"
     "F:4:97: pipelines.p.drop.status: expected a text, found nothing\n"},
    {FILTER "drop: [{status: \"a\\0b\"}]}\n",
     "F:4:44: pipelines.p.drop.status: expected a text or a list of texts, found a text with a NUL in it\n"},
    {FILTER "drop: [{status: a, status: b}]}\n",
     "F:4:47: pipelines.p.drop.status: expected each key once, found it in line 4, too\n"},
    {FILTER "drop: [{[a]: b}]}\n", "F:4:36: pipelines.p.drop: expected a word as the key, found a list\n"},

    /* in the order of the file, wherever it was noticed */
    {"pipelines: {p: {input: x, output: o}}\nstate_dir:\n" OUT "inputs: {i: {file: {paths: ''}}}\n",
     "F:1:24: pipelines.p.input: expected the name of an input (i), found 'x'\n"
     "F:2:11: state_dir: expected a text, found nothing\n"
     "F:4:28: inputs.i.file.paths: expected a text, found ''\n"},

#ifdef PS_WITH_KAFKA
#define KAFKA "outputs:\n  o:\n    kafka:\n      brokers: 192.0.2.1:9092\n      topic: t\n      properties: "
    /* a password in the wrong place is not shown */
    {IN KAFKA "sasl.password=secret\n" PIPE,
     "F:7:19: outputs.o.kafka.properties: expected a mapping of names to texts, found a text\n"},
    {IN KAFKA "{sasl.password: [secret]}\n" PIPE,
     "F:7:35: outputs.o.kafka.properties.sasl.password: expected a text, found a list\n"},
    {IN KAFKA "{sasl.password: \"secret\\0\"}\n" PIPE,
     "F:7:35: outputs.o.kafka.properties.sasl.password: expected a text, found a text with a NUL in it\n"},
    {IN "outputs: {o: {file: {path: /p}, kafka: {}}}\n" PIPE,
     "F:2:14: outputs.o: expected exactly one of the kinds file, kafka, found file, kafka\n"},
#endif
};

static void errors_have_message_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(bad_rows); i++) {
        struct ps_config *config = NULL;
        struct ps_buf errors = {.max = TEXT_MAX};
        int r = text_read(ps_slice_from_str(bad_rows[i].text), &config, &errors);
        print_message("%s\n", bad_rows[i].text);
        assert_int_equal(r, -EINVAL);
        assert_null(config);
        assert_true(errors.n > 0);
        if (bad_rows[i].errors)
            assert_string_equal(ps_buf_cstr(&errors), bad_rows[i].errors);
        ps_buf_done(&errors);
    }
}

static struct ps_config *good_read(const char *text)
{
    struct ps_config *config = NULL;
    struct ps_buf errors = {.max = TEXT_MAX};
    int r = text_read(ps_slice_from_str(text), &config, &errors);
    assert_string_equal(ps_buf_cstr(&errors), "");
    assert_int_equal(r, 0);
    ps_buf_done(&errors);
    return config;
}

static void defaults(void **state)
{
    (void)state;
    struct ps_config *c = good_read(IN OUT PIPE);
    assert_string_equal(c->state_dir, "/var/lib/postship");
    assert_int_equal(c->shutdown_timeout, 10 * PS_USEC_PER_SEC);
    assert_int_equal(c->own_domains.n, 0);
    assert_int_equal(c->own_networks.n, 0);
    assert_int_equal(c->inputs_n, 1);
    assert_null(c->inputs[0].host);
    assert_int_equal(((const struct ps_input_file_options *)c->inputs[0].options)->read_from, PS_READ_FROM_BEGINNING);
    assert_int_equal(c->pipelines_n, 1);
    assert_int_equal(c->pipelines[0].window, 10000);
    assert_int_equal(c->pipelines[0].window_bytes, 16 << 20);
    assert_int_equal(c->pipelines[0].add.n, 0);
    assert_int_equal(c->pipelines[0].keep.n, 0);
    assert_int_equal(c->pipelines[0].drop.n, 0);
    ps_config_free(c);
}

static void values(void **state)
{
    (void)state;
    struct ps_config *c = good_read("pipelines: # before what it names\n"
                                    "  to_archive:\n"
                                    "    input: mail\n"
                                    "    output: archive\n"
                                    "    add: {site: ams1, rack: 7, empty: '', none: }\n"
                                    "    window: 100\n"
                                    "    window_bytes: 1 GiB\n"
                                    "    keep: [{event: delivery, status: [deferred, bounced]}, {from: ''}]\n"
                                    "    drop: # all of them commented out\n"
                                    "  A.b-2_: {input: other, output: archive}\n"
                                    "inputs:\n"
                                    "  mail:\n"
                                    "    host: mx1.example.org\n"
                                    "    file: {paths: &paths [/var/log/mail.log, \"/var/log/a b\"], read_from: end}\n"
                                    "  other: {file: {paths: *paths}}\n"
                                    "outputs:\n"
                                    "  archive: {file: {path: \"-\"}}\n"
                                    "state_dir: state\n"
                                    "shutdown_timeout: 1h\n"
                                    "own_domains: [Example.ORG, B\303\274cher.example, _x.example]\n"
                                    "own_networks: 2001:db8::/32\n");
    assert_string_equal(c->state_dir, "state");
    assert_int_equal(c->shutdown_timeout, 3600 * PS_USEC_PER_SEC);
    assert_int_equal(c->own_domains.n, 3);
    assert_string_equal(c->own_domains.v[0], "example.org");
    assert_string_equal(c->own_domains.v[1], "xn--bcher-kva.example");
    assert_string_equal(c->own_domains.v[2], "_x.example");
    assert_int_equal(c->own_networks.n, 1);
    assert_int_equal(c->own_networks.v[0].prefix, 32);

    assert_int_equal(c->inputs_n, 2);
    assert_string_equal(c->inputs[0].name, "mail");
    assert_string_equal(c->inputs[0].host, "mx1.example.org");
    assert_int_equal(((const struct ps_input_file_options *)c->inputs[0].options)->read_from, PS_READ_FROM_END);
    assert_ptr_equal(c->inputs[0].ops, &ps_input_file);
    for (size_t i = 0; i < 2; i++) {
        const struct ps_input_file_options *file = c->inputs[i].options;
        assert_int_equal(file->paths.n, 2);
        assert_string_equal(file->paths.v[0], "/var/log/mail.log");
        assert_string_equal(file->paths.v[1], "/var/log/a b");
    }
    assert_int_equal(c->outputs_n, 1);
    assert_ptr_equal(c->outputs[0].ops, &ps_output_file);
    assert_string_equal(((const struct ps_output_file_options *)c->outputs[0].options)->path, "-");

    assert_int_equal(c->pipelines_n, 2);
    const struct ps_config_pipeline *p = &c->pipelines[0];
    assert_string_equal(p->name, "to_archive");
    assert_ptr_equal(p->input, &c->inputs[0]);
    assert_ptr_equal(p->output, &c->outputs[0]);
    assert_int_equal(p->window, 100);
    assert_int_equal(p->window_bytes, 1 << 30);
    assert_int_equal(p->add.n, 4);
    assert_string_equal(p->add.v[1].key, "rack");
    assert_string_equal(p->add.v[1].value, "7");
    assert_string_equal(p->add.v[2].value, "");
    assert_string_equal(p->add.v[3].value, "");
    assert_int_equal(p->keep.n, 2);
    assert_int_equal(p->keep.v[0].n, 2);
    assert_string_equal(p->keep.v[0].v[1].name, "status");
    assert_int_equal(p->keep.v[0].v[1].values.n, 2);
    assert_string_equal(p->keep.v[0].v[1].values.v[1], "bounced");
    assert_string_equal(p->keep.v[1].v[0].values.v[0], "");
    assert_int_equal(p->drop.n, 0);
    assert_ptr_equal(c->pipelines[1].input, &c->inputs[1]);
    ps_config_free(c);
}

static void unreadable_files(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int r;
        const char *errors;
    } rows[] = {
        {"/nonexistent/postship.yaml", -ENOENT,
         "/nonexistent/postship.yaml: can't be read: No such file or directory\n"},
        {"/proc/self", -EISDIR, "/proc/self: can't be read: Is a directory\n"},
        {"/dev/zero", -EFBIG, "/dev/zero: expected a file of less than 1 MiB\n"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_config *config = NULL;
        struct ps_buf errors = {.max = TEXT_MAX};
        assert_int_equal(ps_config_read(rows[i].path, &config, &errors), rows[i].r);
        assert_null(config);
        assert_string_equal(ps_buf_cstr(&errors), rows[i].errors);
        ps_buf_done(&errors);
    }
}

/* A value that the row takes. */
static const char *value_of(const struct ps_option *row)
{
    if (row->example)
        return row->example;
    if (row->standard)
        return row->standard;
    return row->type == PS_OPTION_BOOL ? "true" : "x";
}

/* No row of any table is unknown to the reader, and each default is a value that the row itself takes. */
static void rows_are_read(const char *before, const struct ps_option_table *table, unsigned *count)
{
    for (size_t i = 0; i < table->n; i++, ++*count) {
        const struct ps_option *row = &table->rows[i];
        const char *const texts[] = {row->standard, value_of(row)};
        for (size_t j = 0; j < PS_COUNT(texts); j++) {
            if (!texts[j])
                continue;
            _cleanup_free_ char *text = NULL;
            assert_true(asprintf(&text, "%s%s: %s\n", before, row->name, texts[j]) > 0);
            struct ps_config *config = NULL;
            struct ps_buf errors = {.max = TEXT_MAX};
            (void)text_read(ps_slice_from_str(text), &config, &errors);
            const char *said = ps_buf_cstr(&errors);
            print_message("%s\n%s", text, said);
            assert_null(strstr(said, "unknown key"));
            char path[128];
            (void)snprintf(path, sizeof path, "%s: expected", row->name);
            if (strcmp(row->name, "input") != 0 && strcmp(row->name, "output") != 0)
                assert_null(strstr(said, path));
            assert_non_null(row->doc);
            ps_config_free(config);
            ps_buf_done(&errors);
        }
    }
}

static void every_row_is_read(void **state)
{
    (void)state;
    unsigned count = 0;
    char before[128];
    rows_are_read("", &ps_config_top, &count);
    rows_are_read("inputs:\n  i:\n    ", &ps_config_input, &count);
    rows_are_read("outputs:\n  o:\n    ", &ps_config_output, &count);
    rows_are_read("pipelines:\n  p:\n    ", &ps_config_pipeline, &count);
    for (const struct ps_input_ops *const *ops = ps_input_kinds; *ops; ops++) {
        (void)snprintf(before, sizeof before, "inputs:\n  i:\n    %s:\n      ", (*ops)->kind);
        rows_are_read(before, &(*ops)->options, &count);
        assert_non_null((*ops)->doc);
    }
    for (const struct ps_output_ops *const *ops = ps_output_kinds; *ops; ops++) {
        (void)snprintf(before, sizeof before, "outputs:\n  o:\n    %s:\n      ", (*ops)->kind);
        rows_are_read(before, &(*ops)->options, &count);
        assert_non_null((*ops)->doc);
    }
    assert_true(count >= 13);
}

/* The reference is itself a configuration, as it stands and with every key uncommented. */
static void the_reference_is_a_configuration(void **state)
{
    (void)state;
    struct ps_buf reference = {.max = TEXT_MAX}, all = {.max = TEXT_MAX};
    assert_int_equal(ps_config_reference_write(&reference), 0);
    ps_config_free(good_read(ps_buf_cstr(&reference)));

    const char *text = ps_buf_cstr(&reference);
    for (size_t i = 0; text[i]; i++)
        if (text[i] != '#' || text[i + 1] == ' ' || text[i + 1] == '\n')
            assert_int_equal(ps_buf_append_char(&all, text[i]), 0);
    assert_true(all.n < reference.n);
    ps_config_free(good_read(ps_buf_cstr(&all)));
    ps_buf_done(&all);
    ps_buf_done(&reference);
}

/* Each allocation, open and read fails once: an error, no tree, no leak (ASan, valgrind), no crash. */
static void faults(void **state)
{
    (void)state;
    static const enum ps_fault_point points[] = {PS_FAULT_MALLOC, PS_FAULT_OPEN, PS_FAULT_READ};
    static const char text[] = IN OUT FILTERED "own_domains: [a, b]\nown_networks: [192.0.2.0/24]\n";
    int fd = memfd_create("config", 0);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (size_t i = 0; i < PS_COUNT(points); i++) {
        uint64_t nth = 0;
        for (int r = -1; r < 0;) {
            struct ps_config *config = NULL;
            struct ps_buf errors = {.max = TEXT_MAX};
            (void)ps_buf_reserve(&errors, 1024); /* its own growth is not meant */
            ps_fault_arm(points[i], ++nth, points[i] == PS_FAULT_MALLOC ? ENOMEM : EIO);
            r = ps_config_read(path, &config, &errors);
            ps_fault_arm(points[i], 0, 0);
            assert_true(r == 0 || r == (points[i] == PS_FAULT_MALLOC ? -ENOMEM : -EIO));
            assert_true((r == 0) == (config != NULL));
            assert_true((r == 0) == (errors.n == 0));
            ps_config_free(config);
            ps_buf_done(&errors);
        }
        print_message("%s: %llu points\n", ps_fault_name(points[i]), (unsigned long long)nth - 1);
        assert_true(nth > 1);
    }
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_message_and_place),
        cmocka_unit_test(defaults),
        cmocka_unit_test(values),
        cmocka_unit_test(unreadable_files),
        cmocka_unit_test(every_row_is_read),
        cmocka_unit_test(the_reference_is_a_configuration),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
