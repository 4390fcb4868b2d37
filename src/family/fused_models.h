#ifndef GLMPP_FAMILY_FUSED_MODELS_H
#define GLMPP_FAMILY_FUSED_MODELS_H

#include <memory>

#include "model_factory.h"

namespace glmpp {

/// Common pairs of variance and link in vectorised loops of their own; null for other pairs.
std::unique_ptr<RowModel> make_fused_model(const ModelName& name);

}  // namespace glmpp

#endif
