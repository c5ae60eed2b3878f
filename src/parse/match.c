#include "parse/program.h"
#include "parse/scan.h"

static bool ops_match(const struct ps_grammar *g, const struct ps_op *ops, struct ps_slice s, struct ps_event *ev,
                      struct ps_slice *ret_rest);
static bool class_match(const struct ps_grammar *g, const struct ps_rule_index *index, struct ps_slice text,
                        struct ps_event *ev);

/* Takes back all that was set since ev->n was n. */
static void event_rollback(struct ps_event *ev, unsigned n)
{
    while (ev->n > n) {
        enum ps_field f = ev->values[--ev->n].field;
        bool earlier = false;
        for (unsigned i = 0; ps_field_infos[f].type == PS_TYPE_LIST && i < ev->n; i++)
            earlier |= ev->values[i].field == f;
        if (!earlier)
            ev->present[(unsigned)f / 64] &= ~(UINT64_C(1) << ((unsigned)f % 64));
    }
}

/* Takes back one value. */
static void value_drop(struct ps_event *ev, unsigned slot)
{
    enum ps_field f = ev->values[slot].field;
    ev->present[(unsigned)f / 64] &= ~(UINT64_C(1) << ((unsigned)f % 64));
    ev->n--;
    memmove(ev->values + slot, ev->values + slot + 1, (ev->n - slot) * sizeof ev->values[0]);
}

/* The place of the leftmost needle; s.n: there is none. needle.n > 0. */
static size_t find_left(struct ps_slice s, struct ps_slice needle)
{
    for (size_t at = 0; at + needle.n <= s.n;) {
        const char *p = memchr(s.p + at, needle.p[0], s.n - at - needle.n + 1);
        if (!p)
            break;
        if (memcmp(p, needle.p, needle.n) == 0)
            return (size_t)(p - s.p);
        at = (size_t)(p - s.p) + 1;
    }
    return s.n;
}

/* The place of the rightmost needle that begins before `end`; s.n: there is none. */
static size_t find_right(struct ps_slice s, struct ps_slice needle, size_t end)
{
    if (needle.n > s.n)
        return s.n;
    if (end > s.n - needle.n + 1)
        end = s.n - needle.n + 1;
    while (end > 0) {
        const char *p = memrchr(s.p, needle.p[0], end);
        if (!p)
            break;
        if (memcmp(p, needle.p, needle.n) == 0)
            return (size_t)(p - s.p);
        end = (size_t)(p - s.p);
    }
    return s.n;
}

static size_t peer_match(const struct ps_peer *peer, struct ps_slice s, struct ps_event *ev)
{
    size_t host = ps_scan_host(s);
    if (host == s.n || s.p[host] != '[') {
        if (host == 0 || peer->other == PS_FIELD_COUNT)
            return 0;
        (void)ps_event_put(ev, peer->other, (struct ps_slice){s.p, host});
        return host;
    }
    struct ps_slice inside = ps_slice_after(s, host + 1);
    const char *close = inside.n ? memchr(inside.p, ']', inside.n) : NULL;
    if (!close)
        return 0;
    inside.n = (size_t)(close - inside.p);
    if (host > 0)
        (void)ps_event_put(ev, peer->host, (struct ps_slice){s.p, host});
    if (inside.n && ps_scan_ip(inside) == inside.n)
        (void)ps_event_put(ev, peer->ip, inside);
    else if (peer->path != PS_FIELD_COUNT && inside.n)
        (void)ps_event_put(ev, peer->path, inside);

    size_t n = host + inside.n + 2;
    if (n < s.n && s.p[n] == ':') {
        size_t port = ps_scan_int(ps_slice_after(s, n + 1));
        if (port && peer->port != PS_FIELD_COUNT)
            (void)ps_event_put(ev, peer->port, (struct ps_slice){s.p + n + 1, port});
        n += port ? port + 1 : 0;
    }
    return n;
}

/* "N" to the field, or "N/M": M to the field, N to the one behind it. */
static size_t counter_match(enum ps_field field, struct ps_slice s, struct ps_event *ev)
{
    size_t n = ps_scan_int(s);
    struct ps_slice first = {s.p, n};
    if (n == 0)
        return 0;
    size_t total = n < s.n && s.p[n] == '/' ? ps_scan_int(ps_slice_after(s, n + 1)) : 0;
    if (total == 0) {
        (void)ps_event_put(ev, field, first);
        return n;
    }
    (void)ps_event_put(ev, field, (struct ps_slice){s.p + n + 1, total});
    (void)ps_event_put(ev, (enum ps_field)(field + 1), first);
    return n + 1 + total;
}

/* A number with or without a sign; a lone sign sets nothing. */
static size_t score_match(enum ps_field field, struct ps_slice s, struct ps_event *ev)
{
    size_t sign = s.n && (s.p[0] == '-' || s.p[0] == '+');
    size_t n = ps_scan_float(ps_slice_after(s, sign));
    if (n > 0) {
        size_t plus = s.p[0] == '+'; /* no part of a number in JSON */
        (void)ps_event_put(ev, field, (struct ps_slice){s.p + plus, sign + n - plus});
    }
    return sign + n;
}

/* A HELO name in angle brackets: the length of what stands in front of the first '>' that may end it. */
static bool helo_match(enum ps_field field, struct ps_slice s, struct ps_event *ev, size_t *ret_n)
{
    size_t found = 0, n = 0;
    for (size_t at = 0; at < s.n; at++) {
        const char *p = memchr(s.p + at, '>', s.n - at);
        if (!p)
            break;
        at = (size_t)(p - s.p);
        struct ps_slice behind = ps_slice_after(s, at + 1);
        if ((behind.n == 0 || ps_slice_starts(behind, PS_SLICE(": "))) && found++ == 0)
            n = at;
    }
    if (found == 0)
        return false;
    *ret_n = n;
    if (found == 1)
        (void)ps_event_put(ev, field, (struct ps_slice){s.p, n});
    else
        (void)ps_event_put(ev, PS_F_AMBIGUOUS, (struct ps_slice){0});
    return true;
}

/* "key=value" of a key that no row knows. 0: no such thing. */
static size_t unknown_element_match(struct ps_slice s, char separator, struct ps_event *ev)
{
    size_t n = 0;
    while (n < s.n && ((s.p[n] >= 'a' && s.p[n] <= 'z') || (s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '_'))
        n++;
    if (n == 0 || n == s.n || s.p[n] != '=')
        return 0;
    n++;
    size_t address;
    if (n < s.n && s.p[n] == '<' && ps_scan_address(ps_slice_after(s, n + 1), &address)) {
        n += address + 2;
    } else {
        while (n < s.n && s.p[n] != ' ' && s.p[n] != separator)
            n++;
    }
    (void)ps_event_put(ev, PS_F_EXTRA, (struct ps_slice){s.p, n});
    return n;
}

/* Where the text of element i ends, behind which that element prints `close` and no more: before the separator and key
 * of a later element, or at the end. Elements before it are printed before it: their keys are part of the text. */
static bool element_text_end(const struct ps_compiled_list *list, size_t i, struct ps_slice close, struct ps_slice s,
                             size_t *ret_n)
{
    for (size_t at = 0; i + 1 < list->n && at < s.n; at++) {
        at += find_left(ps_slice_after(s, at), list->separator);
        struct ps_slice next = ps_slice_after(s, at + list->separator.n);
        if (!ps_slice_ends((struct ps_slice){s.p, at}, close))
            continue;
        for (size_t later = i + 1; later < list->n; later++)
            if (ps_slice_starts(next, list->elements[later]->text)) {
                *ret_n = at - close.n;
                return true;
            }
    }
    *ret_n = s.n - close.n;
    return ps_slice_ends(s, close);
}

enum element_result { ELEMENT_NONE, ELEMENT_TAKEN, ELEMENT_AGAIN };

/* One element with a known key. `at` is the one expected next: Postfix prints in the order of the rows. `seen` has a
 * bit for each row that was taken. AGAIN: a key stands there for the second time, which Postfix never does: somebody
 * made this up. */
static enum element_result element_match(const struct ps_grammar *g, const struct ps_compiled_list *list, size_t *at,
                                         uint64_t *seen, struct ps_slice s, struct ps_event *ev,
                                         struct ps_slice *ret_rest)
{
    for (size_t k = 0; k < list->n; k++) {
        size_t i = *at + k < list->n ? *at + k : *at + k - list->n;
        const struct ps_op *ops = list->elements[i];
        if (!ps_slice_starts(s, ops->text))
            continue;
        if (*seen >> i & 1)
            return ELEMENT_AGAIN;
        struct ps_slice value = ps_slice_after(s, ops->text.n);
        unsigned mark = ev->n;
        if (ops->code == PS_OP_CAPTURE) {
            bool more = ops[1].code == PS_OP_LITERAL;
            if (more && !ps_slice_starts(value, ops[1].text))
                continue; /* the word stands alone in another element */
            (void)ps_event_put(ev, ops->field, ops->text);
            value = ps_slice_after(value, more ? ops[1].text.n : 0);
            ops += more;
        }
        bool text = ops[1].code == PS_OP_TEXT, closed = text && ops[2].code == PS_OP_LITERAL;
        if (text && ops[closed ? 3 : 2].code == PS_OP_DONE) {
            struct ps_slice close = closed ? ops[2].text : (struct ps_slice){0};
            size_t n;
            if (!element_text_end(list, i, close, value, &n))
                return ELEMENT_NONE;
            (void)ps_event_put(ev, ops[1].field, (struct ps_slice){value.p, n});
            *ret_rest = ps_slice_after(value, n + close.n);
        } else if (!ops_match(g, ops + 1, value, ev, ret_rest)) {
            event_rollback(ev, mark);
            return ELEMENT_NONE;
        }
        *seen |= UINT64_C(1) << i;
        *at = i + 1 < list->n ? i + 1 : 0;
        return ELEMENT_TAKEN;
    }
    return ELEMENT_NONE;
}

static bool list_match(const struct ps_grammar *g, const struct ps_compiled_list *list, struct ps_slice s,
                       struct ps_event *ev, struct ps_slice *ret_rest)
{
    bool some = false;
    uint64_t seen = 0;
    struct ps_slice rest = s; /* behind the last element */
    for (size_t at = 0;;) {
        struct ps_slice behind;
        enum element_result result = element_match(g, list, &at, &seen, s, ev, &behind);
        if (result == ELEMENT_AGAIN)
            return false;
        if (result == ELEMENT_NONE) {
            size_t n = unknown_element_match(s, list->separator.p[0], ev);
            if (n == 0)
                break;
            behind = ps_slice_after(s, n);
        }
        some = true;
        rest = behind;
        if (!ps_slice_starts(rest, list->separator))
            break;
        s = ps_slice_after(rest, list->separator.n);
    }
    *ret_rest = rest;
    return some;
}

/* "550 5.1.1 text", "550-5.1.1 text": the codes to their fields; the length of what is in front of the text. 0: no
 * reply. */
static size_t reply_codes_match(struct ps_slice s, struct ps_event *ev)
{
    size_t n = ps_scan_int(s);
    if (n != 3 || s.p[0] < '2' || s.p[0] > '5')
        return 0;
    if (n < s.n && s.p[n] != ' ' && s.p[n] != '-')
        return 0;
    (void)ps_event_put(ev, PS_F_SMTP_CODE, (struct ps_slice){s.p, n});
    n += n < s.n;
    struct ps_slice rest = ps_slice_after(s, n);
    size_t code = ps_scan_code(rest);
    if (code && (code == rest.n || rest.p[code] == ' ')) {
        (void)ps_event_put(ev, PS_F_ENHANCED_CODE, (struct ps_slice){rest.p, code});
        n += code + (code < rest.n);
    }
    return n;
}

/* A text and all that follows it. */
static bool text_match(const struct ps_grammar *g, const struct ps_op *op, struct ps_slice s, struct ps_event *ev,
                       struct ps_slice *ret_rest)
{
    if (op->code == PS_OP_REPLY) {
        size_t codes = reply_codes_match(s, ev);
        if (codes == 0)
            return false;
        s = ps_slice_after(s, codes);
    }
    unsigned slot = ev->n;
    size_t captured = 0;
    const struct ps_value *before = ev->n ? &ev->values[ev->n - 1] : NULL;
    bool goes_on = before && before->field == op->field && before->value.p + before->value.n == s.p;
    bool kept = goes_on || (op->field != PS_FIELD_COUNT && ps_event_put(ev, op->field, s));
    if (goes_on) {
        slot--;
        captured = before->value.n;
    }
    size_t n = s.n; /* of the text */

    if (op[1].code == PS_OP_LITERAL) {
        const struct ps_op *behind = op + 2;
        struct ps_slice literal = op[1].text;
        bool leftmost = op->code == PS_OP_FIRST;
        bool found = false;
        unsigned mark = ev->n;
        n = leftmost ? find_left(s, literal) : find_right(s, literal, s.n);
        while (n < s.n && !found) {
            found = ops_match(g, behind, ps_slice_after(s, n + literal.n), ev, ret_rest);
            if (found)
                break;
            event_rollback(ev, mark);
            if (leftmost) {
                size_t next = find_left(ps_slice_after(s, n + 1), literal);
                n = n + 1 + next;
            } else {
                n = find_right(s, literal, n);
            }
        }
        if (!found)
            return false;
        unsigned done = ev->n;
        for (size_t other = leftmost ? s.n : find_right(s, literal, n); other < s.n;
             other = find_right(s, literal, other)) {
            struct ps_slice ignored;
            if (ops_match(g, behind, ps_slice_after(s, other + literal.n), ev, &ignored)) {
                /* Who wrote which part can't be known: nothing behind the text's start is taken for a field. */
                event_rollback(ev, mark);
                (void)ps_event_put(ev, PS_F_AMBIGUOUS, (struct ps_slice){0});
                n = s.n;
                *ret_rest = ps_slice_after(s, s.n);
                break;
            }
            event_rollback(ev, done);
        }
    } else {
        *ret_rest = (struct ps_slice){0};
    }
    if (kept)
        ev->values[slot].value.n = captured + n;
    if (kept && captured + n == 0 && ps_field_infos[op->field].privacy == PS_PRIVACY_USER)
        value_drop(ev, slot);
    bool wraps = op->code == PS_OP_SAID || (op->code == PS_OP_REPLY && op->field == PS_F_REASON);
    if (wraps && g->said)
        (void)class_match(g, g->said->classes[0], (struct ps_slice){s.p, n}, ev);
    return true;
}

static bool ops_match(const struct ps_grammar *g, const struct ps_op *ops, struct ps_slice s, struct ps_event *ev,
                      struct ps_slice *ret_rest)
{
    for (const struct ps_op *op = ops;; op++) {
        size_t n = 0;
        switch (op->code) {
        case PS_OP_END:
        case PS_OP_DONE:
            *ret_rest = s;
            return op->code == PS_OP_DONE || s.n == 0;
        case PS_OP_LITERAL:
        case PS_OP_CAPTURE:
            if (!ps_slice_starts(s, op->text))
                return false;
            n = op->text.n;
            break;
        case PS_OP_INT:
            n = ps_scan_int(s);
            break;
        case PS_OP_FLOAT:
            n = ps_scan_float(s);
            break;
        case PS_OP_SCORE:
            n = score_match(op->field, s, ev);
            break;
        case PS_OP_IP:
            n = ps_scan_ip(s);
            break;
        case PS_OP_QUEUE_ID:
            n = ps_scan_queue_id(s);
            break;
        case PS_OP_CODE:
            n = ps_scan_code(s);
            break;
        case PS_OP_WORD:
            n = ps_scan_word(s);
            break;
        case PS_OP_TOKEN:
            n = ps_scan_token(s);
            break;
        case PS_OP_RUN:
            n = ps_scan_run(s);
            break;
        case PS_OP_STAGE:
            n = ps_scan_stage(s);
            break;
        case PS_OP_FUNCTION:
            n = ps_scan_function(s);
            break;
        case PS_OP_ADDRESS:
            if (!ps_scan_address(s, &n))
                return false;
            if (op->field != PS_FIELD_COUNT && !ps_event_put(ev, op->field, (struct ps_slice){s.p, n}) &&
                !ps_slice_equal(ps_event_get(ev, op->field), (struct ps_slice){s.p, n}))
                return false;
            s = ps_slice_after(s, n);
            continue; /* may be empty */
        case PS_OP_COUNTER:
            n = counter_match(op->field, s, ev);
            break;
        case PS_OP_PEER:
            n = peer_match(&ps_peers[op->index], s, ev);
            break;
        case PS_OP_LIST:
            if (!list_match(g, &g->lists[op->index], s, ev, &s))
                return false;
            continue;
        case PS_OP_HELO:
            if (!helo_match(op->field, s, ev, &n))
                return false;
            s = ps_slice_after(s, n);
            continue; /* may be empty */
        case PS_OP_TAIL:
            if (s.n == 0)
                continue; /* there is none */
            if (!ps_slice_starts(s, PS_SLICE(": ")))
                return false;
            s = ps_slice_after(s, 2);
            n = s.n;
            break;
        case PS_OP_REST:
            s = ps_slice_after(s, s.n);
            continue;
        case PS_OP_TEXT:
        case PS_OP_FIRST:
        case PS_OP_REPLY:
        case PS_OP_SAID:
            return text_match(g, op, s, ev, ret_rest);
        }
        if (n == 0)
            return false;
        if (op->code != PS_OP_LITERAL && op->code != PS_OP_COUNTER && op->code != PS_OP_PEER &&
            op->code != PS_OP_SCORE && op->field != PS_FIELD_COUNT)
            (void)ps_event_put(ev, op->field, (struct ps_slice){s.p, n});
        s = ps_slice_after(s, n);
    }
}

/* The rules of one class, in order. */
static bool class_match(const struct ps_grammar *g, const struct ps_rule_index *index, struct ps_slice text,
                        struct ps_event *ev)
{
    if (!index || text.n == 0)
        return false;
    unsigned mark = ev->n;
    for (const uint16_t *c = &g->candidates[index->first[(unsigned char)text.p[0]]]; *c; c++) {
        const struct ps_compiled_rule *rule = &g->rules[*c - 1];
        struct ps_slice rest;
        if (ops_match(g, rule->ops, text, ev, &rest)) {
            ev->kind = rule->kind;
            ev->rule = (uint16_t)(*c - 1);
            return true;
        }
        event_rollback(ev, mark);
    }
    return false;
}

bool ps_grammar_match(const struct ps_grammar *g, struct ps_slice program, struct ps_slice message, struct ps_event *ev)
{
    const struct ps_program *p = ps_program_find(g, program);
    if (!p && ps_slice_starts(program, PS_SLICE("postfix-")))
        p = ps_program_find(g, PS_SLICE("postfix"));
    if (!p)
        return false;
    while (message.n && (message.p[message.n - 1] == ' ' || message.p[message.n - 1] == '\r'))
        message.n--;

    unsigned severity = ps_severity_prefix_find(message);
    struct ps_slice prefix = ps_severity_prefixes[severity];
    struct ps_slice text = ps_slice_after(message, prefix.n);
    if (severity)
        (void)ps_event_put(ev, PS_F_SEVERITY, (struct ps_slice){message.p, prefix.n - 2});

    size_t id = ps_scan_queue_id(text);
    if (id && id + 2 < text.n && text.p[id] == ':' && text.p[id + 1] == ' ') {
        struct ps_slice queue_id = {text.p, id};
        if (!ps_slice_equal(queue_id, PS_SLICE("NOQUEUE")))
            (void)ps_event_put(ev, PS_F_QUEUE_ID, queue_id);
        if (class_match(g, p->classes[severity * 2 + 1], ps_slice_after(text, id + 2), ev))
            return true;
    }
    return class_match(g, p->classes[severity * 2], text, ev);
}

bool ps_grammar_text_match(const struct ps_grammar *g, struct ps_slice table, unsigned severity, struct ps_slice text,
                           struct ps_event *ev)
{
    const struct ps_program *p = ps_program_find(g, table);
    while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\r'))
        text.n--;
    return p && class_match(g, p->classes[severity * 2], text, ev);
}
