#include "parse/tables.h"

/* qmgr/qmgr_message.c, qmgr/qmgr_active.c; oqmgr prints the same as nqmgr. */
static const struct ps_rule rules[] = {
    {PS_K_QUEUED, "{queue_id}: from=<{from}>, size={size}, nrcpt={nrcpt} (queue active)"},
    {PS_K_REMOVED, "{queue_id}: removed"},
};

const struct ps_rule_table ps_rules_qmgr = {"qmgr nqmgr oqmgr", rules, PS_COUNT(rules)};
