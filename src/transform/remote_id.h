/* The queue id that the next server gave in its reply to a message it took. */
#pragma once

#include "postship/slice.h"

/* `response` is the reply without its codes. The id is taken only where the server's software has its fixed place:
 *     Ok: queued as ID                          Postfix; also behind what a filter puts in front
 *     OK id=ID                                  Exim
 *     OK  1700000000 ID - gsmtp                 Gmail
 *     <message-id> [InternalId=ID, Hostname=…   Exchange
 *     ID Message accepted for delivery          sendmail
 *     ok 1700000000 qp ID                       qmail
 * An id is of letters, digits and "._-+=/". Empty: none. */
struct ps_slice ps_remote_id_find(struct ps_slice response);
