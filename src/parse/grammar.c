#include "parse/grammar.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/util.h"
#include "parse/program.h"

enum { RULE_OPS_MAX = 64, RULES_MAX = UINT16_MAX - 1, CANDIDATES_MAX = 16 << 20, LIST_ELEMENTS_MAX = 64 };

const struct ps_slice ps_severity_prefixes[PS_SEVERITIES] = {
    {"", 0}, {"warning: ", 9}, {"error: ", 7}, {"fatal: ", 7}, {"panic: ", 7},
};

unsigned ps_severity_prefix_find(struct ps_slice text)
{
    for (unsigned i = 1; i < PS_SEVERITIES; i++)
        if (text.n && text.p[0] == ps_severity_prefixes[i].p[0] && ps_slice_starts(text, ps_severity_prefixes[i]))
            return i;
    return 0;
}

const struct ps_peer ps_peers[] = {
    {"client", PS_F_CLIENT_HOST, PS_F_CLIENT_IP, PS_F_CLIENT_PORT, PS_FIELD_COUNT, PS_FIELD_COUNT},
    {"orig_client", PS_F_ORIG_CLIENT_HOST, PS_F_ORIG_CLIENT_IP, PS_FIELD_COUNT, PS_FIELD_COUNT, PS_FIELD_COUNT},
    {"relay", PS_F_RELAY_HOST, PS_F_RELAY_IP, PS_F_RELAY_PORT, PS_F_RELAY_PATH, PS_F_RELAY},
    {"responder", PS_F_RESPONDER_HOST, PS_F_RESPONDER_IP, PS_FIELD_COUNT, PS_FIELD_COUNT, PS_FIELD_COUNT},
    {"origin", PS_F_CLIENT_HOST, PS_F_CLIENT_IP, PS_F_CLIENT_PORT, PS_FIELD_COUNT, PS_F_ORIGIN},
    {NULL, PS_FIELD_COUNT, PS_FIELD_COUNT, PS_FIELD_COUNT, PS_FIELD_COUNT, PS_FIELD_COUNT},
};

static const struct {
    const char *name;
    enum ps_op_code code;
} scanners[] = {
    {"int", PS_OP_INT},           {"float", PS_OP_FLOAT},     {"ip", PS_OP_IP},
    {"queue_id", PS_OP_QUEUE_ID}, {"code", PS_OP_CODE},       {"word", PS_OP_WORD},
    {"token", PS_OP_TOKEN},       {"address", PS_OP_ADDRESS}, {"text", PS_OP_TEXT},
    {"counter", PS_OP_COUNTER},   {"first", PS_OP_FIRST},     {"reply", PS_OP_REPLY},
    {"said", PS_OP_SAID},         {"score", PS_OP_SCORE},     {"run", PS_OP_RUN},
    {"tail", PS_OP_TAIL},         {"helo", PS_OP_HELO},       {"stage", PS_OP_STAGE},
    {"function", PS_OP_FUNCTION},
};

/* How a field is scanned where the rule doesn't say. */
static enum ps_op_code scanner_usual(enum ps_field field)
{
    const struct ps_field_info *info = &ps_field_infos[field];
    if (field == PS_F_QUEUE_ID)
        return PS_OP_QUEUE_ID;
    if (field == PS_F_DSN || field == PS_F_ENHANCED_CODE)
        return PS_OP_CODE;
    if (info->type == PS_TYPE_INT)
        return PS_OP_INT;
    if (info->type == PS_TYPE_FLOAT)
        return PS_OP_FLOAT;
    if (info->type == PS_TYPE_IP)
        return PS_OP_IP;
    if (info->privacy == PS_PRIVACY_ADDRESS)
        return PS_OP_ADDRESS;
    if (info->type == PS_TYPE_TEXT || info->privacy == PS_PRIVACY_USER)
        return PS_OP_TEXT;
    return PS_OP_WORD;
}

/* All memory of a grammar: chunks that are freed together. */
struct ps_chunk {
    struct ps_chunk *next;
    max_align_t data[];
};

struct compiler {
    struct ps_grammar *g;
    const struct ps_rule_list *const *lists;
    struct ps_op ops[RULE_OPS_MAX]; /* of the rule at work */
    size_t ops_n;
    struct ps_buf candidates; /* of uint16_t */
    const char *pattern;
    char *error;
    size_t error_n;
};

static void *take(struct compiler *c, size_t n)
{
    struct ps_chunk *chunk = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *chunk + n);
    if (!chunk)
        return NULL;
    chunk->next = c->g->memory;
    c->g->memory = chunk;
    return chunk->data;
}

__attribute__((format(printf, 2, 3))) static int wrong(struct compiler *c, const char *format, ...)
{
    int head = snprintf(c->error, c->error_n, "rule \"%s\": ", c->pattern);
    if (head >= 0 && (size_t)head < c->error_n) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(c->error + head, c->error_n - (size_t)head, format, args);
        va_end(args);
    }
    return -EINVAL;
}

static int op_add(struct compiler *c, struct ps_op op)
{
    if (c->ops_n == RULE_OPS_MAX)
        return wrong(c, "more than %d parts", RULE_OPS_MAX);
    c->ops[c->ops_n++] = op;
    return 0;
}

static bool op_is_text(const struct ps_op *op)
{
    return op->code >= PS_OP_TEXT;
}

/* One placeholder, its braces taken off. */
static int placeholder_read(struct compiler *c, struct ps_slice inside)
{
    if (ps_slice_equal(inside, PS_SLICE("...")))
        return op_add(c, (struct ps_op){.code = PS_OP_REST});
    const char *equal = memchr(inside.p, '=', inside.n);
    const char *colon = equal ? NULL : memchr(inside.p, ':', inside.n);
    const char *end = equal ? equal : colon ? colon : inside.p + inside.n;
    struct ps_slice name = {inside.p, (size_t)(end - inside.p)};
    struct ps_slice rest = ps_slice_after(inside, name.n + 1);

    if (!equal && !colon) {
        for (size_t i = 0; ps_peers[i].name; i++)
            if (ps_slice_equal(name, ps_slice_from_str(ps_peers[i].name)))
                return op_add(c, (struct ps_op){.code = PS_OP_PEER, .field = ps_peers[i].host, .index = i});
        for (size_t i = 0; i < c->g->lists_n; i++)
            if (ps_slice_equal(name, ps_slice_from_str(c->lists[i]->name)))
                return op_add(c, (struct ps_op){.code = PS_OP_LIST, .field = PS_F_EXTRA, .index = i});
    }
    struct ps_op op = {.field = PS_FIELD_COUNT};
    if (!(name.n == 0 && colon) && !ps_field_find(name, &op.field))
        return wrong(c, "no field, peer or list is named \"%.*s\"", (int)name.n, name.p);
    if (equal) {
        op.code = PS_OP_CAPTURE;
        op.text = rest;
        return op_add(c, op);
    }
    if (!colon) {
        op.code = scanner_usual(op.field);
        return op_add(c, op);
    }
    for (size_t i = 0; i < PS_COUNT(scanners); i++)
        if (ps_slice_equal(rest, ps_slice_from_str(scanners[i].name))) {
            op.code = scanners[i].code;
            if (op.field == PS_FIELD_COUNT && op.code == PS_OP_COUNTER)
                return wrong(c, "a counter needs a field");
            return op_add(c, op);
        }
    return wrong(c, "no scanner is named \"%.*s\"", (int)rest.n, rest.p);
}

/* Fills c->ops with the pattern's parts. */
static int pattern_read(struct compiler *c, const char *pattern, enum ps_op_code last)
{
    c->pattern = pattern;
    c->ops_n = 0;
    for (const char *p = pattern; *p;) {
        int r;
        if (p[0] == '{' && p[1] != '{') {
            const char *end = strchr(p, '}');
            if (!end)
                return wrong(c, "'}' is missing");
            r = placeholder_read(c, (struct ps_slice){p + 1, (size_t)(end - p) - 1});
            p = end + 1;
        } else {
            /* "{{" is one brace: the literal's text begins at the second */
            const char *start = p[0] == '{' ? p + 1 : p;
            size_t n = 1 + strcspn(start + 1, "{");
            r = op_add(c, (struct ps_op){.code = PS_OP_LITERAL, .text = {start, n}});
            p = start + n;
        }
        if (r < 0)
            return r;
    }
    if (c->ops_n == 0)
        return wrong(c, "empty");
    for (size_t i = 0; i + 1 < c->ops_n; i++)
        if (op_is_text(&c->ops[i]) && c->ops[i + 1].code != PS_OP_LITERAL)
            return wrong(c, "a text must be followed by literal text or be the last");
    return op_add(c, (struct ps_op){.code = last});
}

/* A lasting copy of c->ops. NULL: no memory. */
static const struct ps_op *ops_keep(struct compiler *c)
{
    struct ps_op *ops = take(c, c->ops_n * sizeof *ops);
    if (ops)
        memcpy(ops, c->ops, c->ops_n * sizeof *ops);
    return ops;
}

static bool element_key_allowed(struct ps_slice key)
{
    return ps_slice_ends(key, PS_SLICE("=")) || ps_slice_ends(key, PS_SLICE("=<")) ||
           ps_slice_ends(key, PS_SLICE(" ")) || ps_slice_ends(key, PS_SLICE(" <"));
}

static int list_compile(struct compiler *c, const struct ps_rule_list *list, struct ps_compiled_list *ret)
{
    c->pattern = list->name;
    if (list->n > LIST_ELEMENTS_MAX)
        return wrong(c, "more than %d elements", LIST_ELEMENTS_MAX);
    const struct ps_op **elements = take(c, list->n * sizeof(*elements));
    if (!elements)
        return -ENOMEM;
    for (size_t i = 0; i < list->n; i++) {
        int r = pattern_read(c, list->elements[i], PS_OP_DONE);
        if (r < 0)
            return r;
        struct ps_slice key = c->ops[0].text;
        bool word = c->ops[0].code == PS_OP_CAPTURE && c->ops_n > 1;
        if (!word && (c->ops[0].code != PS_OP_LITERAL || !element_key_allowed(key)))
            return wrong(c, "an element of a list begins with \"key=\" or \"key \" or is a word");
        elements[i] = ops_keep(c);
        if (!elements[i])
            return -ENOMEM;
    }
    *ret = (struct ps_compiled_list){ps_slice_from_str(list->separator), elements, list->n};
    return 0;
}

/* Takes n bytes off the literal that the ops begin with, and the literal itself when nothing is left of it. */
static void literal_trim(struct compiler *c, size_t n)
{
    c->ops[0].text = ps_slice_after(c->ops[0].text, n);
    if (c->ops[0].text.n == 0)
        memmove(c->ops, c->ops + 1, --c->ops_n * sizeof c->ops[0]);
}

/* Takes the severity and the queue id off the front of c->ops: they are the rule's class. */
static unsigned class_take(struct compiler *c)
{
    unsigned severity = 0;
    if (c->ops[0].code == PS_OP_LITERAL) {
        severity = ps_severity_prefix_find(c->ops[0].text);
        if (severity)
            literal_trim(c, ps_severity_prefixes[severity].n);
    }
    bool queue_id = c->ops[0].code == PS_OP_QUEUE_ID && c->ops[0].field == PS_F_QUEUE_ID &&
                    c->ops[1].code == PS_OP_LITERAL && ps_slice_starts(c->ops[1].text, PS_SLICE(": "));
    if (queue_id) {
        memmove(c->ops, c->ops + 1, --c->ops_n * sizeof c->ops[0]);
        literal_trim(c, 2);
    }
    return severity * 2 + queue_id;
}

static int rule_compile(struct compiler *c, const struct ps_rule *rule, struct ps_compiled_rule *ret)
{
    int r = pattern_read(c, rule->pattern, PS_OP_END);
    if (r < 0)
        return r;
    ret->class = class_take(c);
    if (c->ops[0].code == PS_OP_END)
        return wrong(c, "nothing behind the severity and the queue id");
    ret->kind = rule->kind;
    ret->ops = ops_keep(c);
    return ret->ops ? 0 : -ENOMEM;
}

/* The first byte that a rule's message must have, or ANY_BYTE. */
enum { ANY_BYTE = -1 };

static int rule_first_byte(const struct ps_compiled_rule *rule)
{
    bool text = rule->ops->code == PS_OP_LITERAL || rule->ops->code == PS_OP_CAPTURE;
    return text ? (unsigned char)rule->ops->text.p[0] : ANY_BYTE;
}

/* Appends the list of those of `rules` that a message may match whose first byte is `byte` (ANY_BYTE: one that no rule
 * begins with). 0: none, else where it starts. */
static uint32_t candidates_add(struct compiler *c, const uint16_t *rules, size_t n, int byte)
{
    size_t start = c->candidates.n / sizeof(uint16_t);
    bool some = false;
    for (size_t i = 0; i < n; i++) {
        int first = rule_first_byte(&c->g->rules[rules[i]]);
        if (first == ANY_BYTE || first == byte) {
            uint16_t candidate = (uint16_t)(rules[i] + 1);
            (void)ps_buf_append(&c->candidates, &candidate, sizeof candidate);
            some = true;
        }
    }
    if (!some)
        return 0;
    (void)ps_buf_append(&c->candidates, &(uint16_t){0}, sizeof(uint16_t));
    return (uint32_t)start;
}

/* Indexes the rules of one class. */
static int class_index(struct compiler *c, const uint16_t *rules, size_t n, const struct ps_rule_index **ret)
{
    bool begins[256] = {false};
    for (size_t i = 0; i < n; i++) {
        int first = rule_first_byte(&c->g->rules[rules[i]]);
        if (first != ANY_BYTE)
            begins[first] = true;
    }
    struct ps_rule_index *index = take(c, sizeof *index);
    if (!index)
        return -ENOMEM;
    uint32_t others = candidates_add(c, rules, n, ANY_BYTE);
    for (int byte = 0; byte < 256; byte++)
        index->first[byte] = begins[byte] ? candidates_add(c, rules, n, byte) : others;
    *ret = index;
    return c->candidates.error;
}

/* Whether the blank-separated names hold `name`. */
static bool names_hold(const char *names, struct ps_slice name)
{
    for (const char *p = names; *p;) {
        size_t n = strcspn(p, " ");
        if (ps_slice_equal((struct ps_slice){p, n}, name))
            return true;
        p += n;
        p += strspn(p, " ");
    }
    return false;
}

static const struct ps_slice name_said = {"said", 4}, name_all = {"postfix", 7}, name_foreign = {"-", 1};

static bool table_is_of(const struct ps_rule_table *table, struct ps_slice name)
{
    return names_hold(table->programs, name) ||
           (ps_slice_equal(name, name_all) && !names_hold(table->programs, name_foreign) &&
            !names_hold(table->programs, name_said));
}

/* Indexes the n rules of a program, class by class; `of_class` has room for n. */
static int rules_index(struct compiler *c, const uint16_t *rules, size_t n, uint16_t *of_class, struct ps_program *p)
{
    for (unsigned class = 0; class < PS_RULE_CLASSES; class ++) {
        size_t k = 0;
        for (size_t i = 0; i < n; i++)
            if (c->g->rules[rules[i]].class == class)
                of_class[k++] = rules[i];
        int r = k ? class_index(c, of_class, k, &p->classes[class]) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

/* Makes the program and indexes the rules of the tables that name it. */
static int program_compile(struct compiler *c, const struct ps_rule_table *const *tables, size_t tables_n,
                           struct ps_slice name)
{
    struct ps_grammar *g = c->g;
    struct ps_program *p = take(c, sizeof *p);
    _cleanup_free_ uint16_t *rules = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(2 * g->rules_n, sizeof *rules);
    if (!p || !rules)
        return -ENOMEM;
    p->name = name;
    p->next = g->programs[ps_program_hash(name)];
    g->programs[ps_program_hash(name)] = p;
    if (ps_slice_equal(name, name_said))
        g->said = p;

    size_t n = 0, rule = 0;
    for (size_t t = 0; t < tables_n; rule += tables[t++]->n) {
        bool takes = table_is_of(tables[t], name);
        for (size_t i = 0; takes && i < tables[t]->n; i++)
            rules[n++] = (uint16_t)(rule + i);
    }
    return rules_index(c, rules, n, rules + g->rules_n, p);
}

static int tables_compile(struct compiler *c, const struct ps_rule_table *const *tables, size_t tables_n)
{
    struct ps_grammar *g = c->g;
    for (size_t t = 0; t < tables_n; t++)
        g->rules_n += tables[t]->n;
    c->pattern = "";
    if (g->rules_n > RULES_MAX)
        return wrong(c, "more than %d rules", RULES_MAX);
    g->rules = take(c, g->rules_n * sizeof *g->rules);
    if (!g->rules)
        return -ENOMEM;
    size_t rule = 0;
    for (size_t t = 0; t < tables_n; t++)
        for (size_t i = 0; i < tables[t]->n; i++) {
            int r = rule_compile(c, &tables[t]->rules[i], &g->rules[rule++]);
            if (r < 0)
                return r;
        }

    /* Candidate list 0 is the empty one. */
    (void)ps_buf_append(&c->candidates, &(uint16_t){0}, sizeof(uint16_t));
    int r = program_compile(c, tables, tables_n, name_all);
    for (size_t t = 0; r >= 0 && t < tables_n; t++)
        for (const char *p = tables[t]->programs; r >= 0 && *p;) {
            struct ps_slice name = {p, strcspn(p, " ")};
            if (!ps_slice_equal(name, name_foreign) && !ps_program_find(g, name))
                r = program_compile(c, tables, tables_n, name);
            p += name.n;
            p += strspn(p, " ");
        }
    if (r < 0)
        return r;
    uint16_t *candidates = take(c, c->candidates.n);
    if (!candidates)
        return -ENOMEM;
    memcpy(candidates, c->candidates.p, c->candidates.n);
    g->candidates = candidates;
    return 0;
}

int ps_grammar_new(const struct ps_rule_table *const *tables, size_t tables_n, const struct ps_rule_list *const *lists,
                   size_t lists_n, struct ps_grammar **ret, char *buf, size_t n)
{
    struct ps_grammar *g = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *g);
    if (!g)
        return -ENOMEM;
    struct compiler c = {.g = g, .lists = lists, .candidates.max = CANDIDATES_MAX, .error = buf, .error_n = n};
    int r = -ENOMEM;
    g->lists = take(&c, lists_n * sizeof *g->lists);
    g->lists_n = lists_n;
    if (g->lists)
        r = 0;
    for (size_t i = 0; r >= 0 && i < lists_n; i++)
        r = list_compile(&c, lists[i], &g->lists[i]);
    if (r >= 0)
        r = tables_compile(&c, tables, tables_n);
    ps_buf_done(&c.candidates);
    if (r < 0) {
        ps_grammar_free(g);
        return r;
    }
    *ret = g;
    return 0;
}

struct ps_grammar *ps_grammar_free(struct ps_grammar *g)
{
    for (struct ps_chunk *chunk = g ? g->memory : NULL; chunk;) {
        struct ps_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(g);
    return NULL;
}
