#include "parse/tables.h"

/* global/log_adhoc.c: the one place that prints a delivery, for all delivery agents. */
static const char *const delivery_elements[] = {
    "to=<{to}>",     "orig_to=<{orig_to}>",
    "relay={relay}", "conn_use={conn_use}",
    "delay={delay}", "delays={delay_before_qmgr}/{delay_in_qmgr}/{delay_conn_setup}/{delay_transmission}",
    "dsn={dsn}",     "status={status}",
};
const struct ps_rule_list ps_list_delivery = {"delivery", ", ", delivery_elements, PS_COUNT(delivery_elements)};

static const struct ps_rule rules[] = {
    {PS_K_DELIVERY, "{queue_id}: {delivery} ({reason:said})"},
    {PS_K_DELIVERY, "{queue_id}: {delivery} ({reason:said}"}, /* cut by a syslog with a limit */
};

const struct ps_rule_table ps_rules_delivery = {
    "smtp lmtp local virtual pipe error retry discard bounce defer trace qmgr nqmgr oqmgr cleanup smtpd",
    rules,
    PS_COUNT(rules),
};
