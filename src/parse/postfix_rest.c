#include "parse/tables.h"

/* What no other rule takes: by severity. Must stay the last table. */
static const struct ps_rule rules[] = {
    {PS_K_WARNING, "warning: {queue_id}: {reason:text}"}, {PS_K_WARNING, "warning: {reason:text}"},
    {PS_K_ERROR, "error: {queue_id}: {reason:text}"},     {PS_K_ERROR, "error: {reason:text}"},
    {PS_K_FATAL, "fatal: {queue_id}: {reason:text}"},     {PS_K_FATAL, "fatal: {reason:text}"},
    {PS_K_PANIC, "panic: {queue_id}: {reason:text}"},     {PS_K_PANIC, "panic: {reason:text}"},
};

const struct ps_rule_table ps_rules_rest = {
    "postscreen dnsblog tlsproxy cleanup pickup qmgr nqmgr oqmgr bounce defer trace verify scache flush local virtual "
    "pipe smtp lmtp error retry discard",
    rules,
    PS_COUNT(rules),
};
