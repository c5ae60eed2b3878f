#include "parse/tables.h"

/* cleanup/cleanup_message.c. The message-id is the sender's: brackets, if any, are taken off, all else stays. */
static const struct ps_rule rules[] = {
    {PS_K_MESSAGE_ID, "{queue_id}: message-id=<{message_id:text}>"},
    {PS_K_MESSAGE_ID, "{queue_id}: message-id={message_id:text}"},
    {PS_K_MESSAGE_ID, "{queue_id}: resent-message-id=<{resent_message_id:text}>"},
    {PS_K_MESSAGE_ID, "{queue_id}: resent-message-id={resent_message_id:text}"},
};

const struct ps_rule_table ps_rules_cleanup = {"cleanup", rules, PS_COUNT(rules)};
