#include "parse/tables.h"

const struct ps_rule_table *const ps_rule_tables[] = {
    &ps_rules_smtpd,
    &ps_rules_cleanup,
    &ps_rules_qmgr,
    &ps_rules_delivery,
    &ps_rules_anvil,
    &ps_rules_said,
    &ps_rules_master,
    &ps_rules_script,
    &ps_rules_postfix,
    &ps_rules_postsuper,
    &ps_rules_submission,
    &ps_rules_postmap,
    &ps_rules_tlsmgr,
    &ps_rules_qmqpd,
    /* The order of the tables is the order in which a program's rules are tried: these take whatever a program of
     * Postfix prints that no rule above is for, and so stand last, the most general at the end. */
    &ps_rules_table_error,
    &ps_rules_config_error,
    &ps_rules_debug,
    &ps_rules_severity,
};
const size_t ps_rule_tables_n = PS_COUNT(ps_rule_tables);

const struct ps_rule_list *const ps_rule_lists[] = {
    &ps_list_sasl,
    &ps_list_session,
    &ps_list_commands,
    &ps_list_delivery,
};
const size_t ps_rule_lists_n = PS_COUNT(ps_rule_lists);
