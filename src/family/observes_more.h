#ifndef GLMPP_FAMILY_OBSERVES_MORE_H
#define GLMPP_FAMILY_OBSERVES_MORE_H

#include "row_model.h"

namespace glmpp {

/// Whether the observed information of a model is another than the expected one: it is not under canonical links. False where
/// the model does not know its observed weights.
bool observes_more(const RowModel& model);

}  // namespace glmpp

#endif
