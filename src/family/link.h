#ifndef GLMPP_FAMILY_LINK_H
#define GLMPP_FAMILY_LINK_H

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "row_model.h"

namespace glmpp {

/// What a link returns for a range of rows.
struct LinkValues {
  double* mean;        ///< mu
  double* complement;  ///< 1 - mu, without cancellation
  double* derivative;  ///< dmu/deta
};

class Link {
 public:
  virtual ~Link() = default;
  /// eta = g(mu).
  virtual void forward(const double* mean, std::size_t count, double* eta) const = 0;
  /// False when some eta is outside the link's domain or mu is not finite.
  virtual bool inverse(const double* eta, std::size_t count, const LinkValues& out) const = 0;
  /// d2mu/deta2 where the link is defined, from what inverse() returned.
  virtual void second_derivative(const double* eta, std::size_t count, const LinkValues& at,
                                 double* out) const = 0;
  /// The linear predictors of the means between two bounds; unbounded for links whose inverse is
  /// defined everywhere and stays between them, and where the predictors are not one interval.
  virtual PredictorRange range(double, double) const { return {}; }
};

/// Throws std::invalid_argument, listing the known names, on an unknown one. `power` is read by
/// "power" only: eta = mu^power.
std::unique_ptr<Link> make_link(const std::string& name, double power);

std::vector<std::string> known_links();

}  // namespace glmpp

#endif
