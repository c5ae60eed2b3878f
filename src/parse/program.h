/* Compiled rules: what grammar.c makes and match.c runs. */
#pragma once

#include "parse/grammar.h"

enum ps_op_code {
    PS_OP_END,     /* the message must end here; last of each rule */
    PS_OP_DONE,    /* the end of a list's element */
    PS_OP_LITERAL, /* text */
    PS_OP_CAPTURE, /* text, kept in field */
    PS_OP_INT,
    PS_OP_FLOAT,
    PS_OP_SCORE,
    PS_OP_IP,
    PS_OP_QUEUE_ID,
    PS_OP_CODE,
    PS_OP_WORD,
    PS_OP_TOKEN,
    PS_OP_RUN,
    PS_OP_FUNCTION,
    PS_OP_ADDRESS,
    PS_OP_STAGE,
    PS_OP_COUNTER,
    PS_OP_PEER, /* field: the peer's host */
    PS_OP_LIST, /* index: which list */
    PS_OP_TAIL,
    PS_OP_HELO,
    PS_OP_REST, /* all that is left, kept nowhere */
    /* the extent of these follows from the literal behind them */
    PS_OP_TEXT,
    PS_OP_FIRST,
    PS_OP_REPLY,
    PS_OP_SAID
};

struct ps_op {
    enum ps_op_code code;
    enum ps_field field;  /* PS_FIELD_COUNT: what it takes goes nowhere */
    struct ps_slice text; /* LITERAL, CAPTURE */
    size_t index;         /* LIST; PEER: row of ps_peers */
};

/* Where the parts of "host[address]:port" go. PS_FIELD_COUNT: nowhere. */
struct ps_peer {
    const char *name;
    enum ps_field host, ip, port, path;
    enum ps_field other; /* what has no brackets: "local", "none" */
};
extern const struct ps_peer ps_peers[];

struct ps_compiled_rule {
    const struct ps_op *ops; /* behind severity and queue id */
    enum ps_kind kind;
    unsigned class; /* index of its severity prefix * 2 + (1: it has a queue id) */
};

struct ps_compiled_list {
    struct ps_slice separator;
    const struct ps_op *const *elements; /* each begins with a LITERAL: its key */
    size_t n;
};

/* Which rules to try: by severity prefix and queue id prefix, then by the first byte behind them. */
enum { PS_SEVERITIES = 5, PS_RULE_CLASSES = PS_SEVERITIES * 2 };

struct ps_rule_index {
    uint32_t first[256]; /* into grammar->candidates, where a list of rules + 1 begins, ended by 0 */
};

struct ps_program {
    struct ps_slice name;
    const struct ps_rule_index *classes[PS_RULE_CLASSES]; /* NULL: no rule */
    struct ps_program *next;                              /* of the same hash */
};

enum { PS_PROGRAM_BUCKETS = 128 };

struct ps_grammar {
    struct ps_compiled_rule *rules;
    size_t rules_n;
    struct ps_compiled_list *lists;
    size_t lists_n;
    const uint16_t *candidates; /* [0] is an empty list */
    struct ps_program *programs[PS_PROGRAM_BUCKETS];
    struct ps_program *said;
    struct ps_chunk *memory; /* all of the above */
};

extern const struct ps_slice ps_severity_prefixes[PS_SEVERITIES]; /* [0] is empty */

/* The index of the prefix that the text begins with, 0 for none. */
unsigned ps_severity_prefix_find(struct ps_slice text);

static inline unsigned ps_program_hash(struct ps_slice name)
{
    unsigned h = (unsigned)name.n;
    for (size_t i = 0; i < name.n; i++)
        h = h * 31 + (unsigned char)name.p[i];
    return h % PS_PROGRAM_BUCKETS;
}

static inline const struct ps_program *ps_program_find(const struct ps_grammar *g, struct ps_slice name)
{
    const struct ps_program *p = g->programs[ps_program_hash(name)];
    while (p && !ps_slice_equal(p->name, name))
        p = p->next;
    return p;
}
