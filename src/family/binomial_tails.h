#ifndef GLMPP_FAMILY_BINOMIAL_TAILS_H
#define GLMPP_FAMILY_BINOMIAL_TAILS_H

#include <memory>

#include "model_factory.h"

namespace glmpp {

/// Binomial rows under the probit and complementary log-log links from the logarithms of mu and 1 - mu
/// and their slopes, which stay exact where mu or 1 - mu have left the range of doubles. Null for other
/// links.
std::unique_ptr<RowModel> make_tailed_binomial(const ModelName& name);

}  // namespace glmpp

#endif
