#include "cumulative_model.h"

#include <utility>

#include "named_list.h"

namespace glmpp {

namespace {

struct Distribution {
  const char* link;
  bool is_mirrored;  ///< F(x) = 1 - G(-x) for the inverse G of the link
};

const NamedList<Distribution> distributions = {{"logit", {"logit", false}},
                                               {"probit", {"probit", false}},
                                               {"cloglog", {"cloglog", false}},
                                               {"loglog", {"cloglog", true}},
                                               {"cauchit", {"cauchit", false}}};

}  // namespace

CumulativeLink::CumulativeLink(const std::string& name) {
  const Distribution& distribution = find_named(distributions, name, "cumulative link");
  is_mirrored_ = distribution.is_mirrored;
  link_ = make_link(distribution.link, 1.0);
}

bool CumulativeLink::evaluate(double* x, std::size_t count, const LinkValues& out,
                              double* slope) const {
  if (is_mirrored_)
    for (std::size_t i = 0; i < count; ++i) x[i] = -x[i];
  const LinkValues values =
      is_mirrored_ ? LinkValues{out.complement, out.mean, out.derivative} : out;
  const bool is_valid = link_->inverse(x, count, values);
  if (!slope) return is_valid;
  link_->second_derivative(x, count, values, slope);
  if (is_mirrored_)
    for (std::size_t i = 0; i < count; ++i) slope[i] = -slope[i];
  return is_valid;
}

double CumulativeLink::quantile(double probability) const {
  const double p = is_mirrored_ ? 1.0 - probability : probability;
  double x = 0.0;
  link_->forward(&p, 1, &x);
  return is_mirrored_ ? -x : x;
}

CumulativeRows::CumulativeRows(const CumulativeLink& link, std::size_t thresholds,
                               std::size_t most_rows)
    : link_(link),
      thresholds_(thresholds),
      length_(most_rows),
      argument_(most_rows),
      lower_(thresholds * most_rows),
      upper_(thresholds * most_rows),
      density_(thresholds * most_rows),
      slope_(thresholds * most_rows) {}

bool CumulativeRows::evaluate(const std::vector<double>& thresholds, const double* eta,
                              std::size_t rows, bool with_slopes) {
  bool is_valid = true;
  for (std::size_t k = 0; k < thresholds_; ++k) {
    const std::size_t first = k * length_;
    for (std::size_t i = 0; i < rows; ++i) argument_[i] = thresholds[k] - eta[i];
    const LinkValues out{lower_.data() + first, upper_.data() + first, density_.data() + first};
    is_valid &=
        link_.evaluate(argument_.data(), rows, out, with_slopes ? slope_.data() + first : nullptr);
  }
  return is_valid;
}

double CumulativeRows::probability(std::size_t k, std::size_t i) const {
  const std::size_t above = k * length_ + i, below = above - length_;
  if (k == 0) return lower_[above];
  if (k == thresholds_) return upper_[below];
  return upper_[above] < lower_[below] ? upper_[below] - upper_[above]
                                       : lower_[above] - lower_[below];
}

}  // namespace glmpp
