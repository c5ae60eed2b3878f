/* Rules as strings, compiled once, interpreted for each message.
 *
 * A rule is what the daemon prints, with placeholders where values stand:
 *
 *     "{queue_id}: client={client}, {session}"
 *
 * - {FIELD}: a field of fields.def; how it is scanned follows from the field (table in grammar.c)
 * - {FIELD:SCANNER}: the same with another scanner
 * - {:SCANNER}: what no field is for
 * - {FIELD=text}: the text itself, kept as the field's value; {FIELD:text} directly behind it goes on with it
 * - {PEER}: "host[address]:port" into the fields of a row of ps_peers: client, orig_client, origin, relay, responder
 * - {LIST}: the name of a list: its elements in any order, most quickly in their own
 * - {...}: all that is left, kept in no field
 * - {{: a brace
 *
 * Scanners. What they take is never empty but for address, helo and texts; an empty text is no user's name: it isn't
 * set.
 *
 * - int, float, ip: of that type
 * - score: a float with or without a sign; a lone '-' is taken and sets nothing
 * - queue_id: a short or long queue id; NOQUEUE is taken and sets nothing
 * - code: digits with points: a DSN
 * - word: letters, digits and _ . / + - @
 * - token: up to the next blank or comma
 * - run: up to the next blank, without a comma before it
 * - stage: a command of SMTP or a stage as Postfix's client names it: words of letters, '_' and '/', up to the word
 * "command" or to what isn't such a word
 * - function: the name of a C function: words of lower case and digits, with at least one '_' between them
 * - address: up to '>', where quoted strings and backslashes may hold one; it must be the same where the field is set
 * already
 * - helo: up to the '>' that ends the message or stands in front of ": ", as what else a client puts into its HELO name
 * doesn't end it. Where there are two such places the name isn't known: `ambiguous` is set
 * - counter: "N", or "N/M": N goes to the field behind this one (FIELD_accepted), M to this one
 * - text: up to the place from which the rest of the rule matches the rest of the message, looked for from the right:
 * what stands in the middle may be a remote party's. Where a second place matches too, nobody knows who wrote what: the
 * text is then all the rest, `ambiguous` is set, and no field behind it
 * - first: as text, but looked for from the left: for what a remote party can't choose, before what it can
 * - tail: ": " and all that follows it, or nothing at all: the last of a rule. An optional text behind what a remote
 * party may have forged belongs into one rule, so that both readings are weighed together
 * - reply: as text; a reply code and an enhanced code in front go to smtp_code and enhanced_code, and without a reply
 * code it doesn't match
 * - said: as text; the value is then matched by the rules of the table "said", for further fields. So is a reply that
 * is the `reason`: a reject may hand on what another server said
 *
 * A rule matches the whole message or not at all. Blanks at the message's end don't count. */
#pragma once

#include "model/event.h"

struct ps_rule {
    enum ps_kind kind;
    const char *pattern;
};

/* The rules of some programs, tried in this order among those that begin alike. */
struct ps_rule_table {
    /* Names, separated by blanks. "said": the rules of that scanner, of no program. "-" among them: none is a program
     * of Postfix. */
    const char *programs;
    const struct ps_rule *rules;
    size_t n;
};

/* Elements such as "size={size}", each beginning with "key=", "key " or "{FIELD=word}", at most 64, each at most once
 * in a message. A text in an element ends, with the literal behind it, before the key of a later row, or at the end:
 * rows stand in the order in which the daemon prints them. An element with a key that no row has is kept in `extra` as
 * "key=value"; its value is a run without blanks and separators, or "<address>". */
struct ps_rule_list {
    const char *name;
    const char *separator;
    const char *const *elements;
    size_t n;
};

struct ps_grammar;

/* Tables are borrowed. 0; -ENOMEM; -EINVAL with what is wrong with which rule in buf. */
int ps_grammar_new(const struct ps_rule_table *const *tables, size_t tables_n, const struct ps_rule_list *const *lists,
                   size_t lists_n, struct ps_grammar **ret, char *buf, size_t n);
struct ps_grammar *ps_grammar_free(struct ps_grammar *g);

/* Matches a message of a program: sets kind and fields. False where no rule matches, or no table names the program; of
 * a known program's message the severity and the queue id in front are kept even then. The name "postfix", and that
 * of an instance ("postfix-out"), stand for all programs but the foreign: a relay that cuts tags at '/' leaves no more.
 */
bool ps_grammar_match(const struct ps_grammar *g, struct ps_slice program, struct ps_slice message,
                      struct ps_event *ev);

/* The same for a text whose head was taken off by somebody else: no severity, no queue id in front. The rules of
 * `table` are tried that begin with the severity prefix of that index (program.h; 0: none). */
bool ps_grammar_text_match(const struct ps_grammar *g, struct ps_slice table, unsigned severity, struct ps_slice text,
                           struct ps_event *ev);
