#ifndef GLMPP_FAMILY_MODEL_FACTORY_H
#define GLMPP_FAMILY_MODEL_FACTORY_H

#include <memory>
#include <string>
#include <vector>

#include "row_model.h"

namespace glmpp {

/// Names and parameters that fix a row model.
struct ModelName {
  std::string variance;
  std::string link;
  double theta = 0.0;  ///< the variance's own parameter: theta of the negative binomial, a power
  double power = 1.0;  ///< of the power link
  double dispersion = 0.0;  ///< at which Tweedie's likelihood is wanted; 0: it is not
};

/// Throws std::invalid_argument, listing the known names, on an unknown one.
std::unique_ptr<RowModel> make_row_model(const ModelName& name);

std::vector<std::string> known_variances();

}  // namespace glmpp

#endif
