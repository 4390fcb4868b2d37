#include "negative_binomial.h"

#include <cmath>
#include <utility>

#include "gamma_function.h"
#include "vector_math.h"

namespace glmpp {

namespace {

constexpr std::size_t tabled = 1024;

}  // namespace

NegativeBinomialModel::NegativeBinomialModel(double theta, std::unique_ptr<Link> link)
    : ComposedModel(NegativeBinomialVariance(theta), std::move(link), false), theta_(theta) {}

// Sums over the count lose nothing where theta is large.
void NegativeBinomialModel::fill_table() const {
  table_.resize(tabled);
  CountTerms terms{0.0, 0.0, 0.0};
  for (std::size_t y = 0; y < tabled; ++y) {
    table_[y] = terms;
    const double next = theta_ + static_cast<double>(y);
    terms.log_density += std::log(next / (static_cast<double>(y) + 1.0));
    terms.score += 1.0 / next;
    terms.information += 1.0 / (next * next);
  }
}

NegativeBinomialModel::CountTerms NegativeBinomialModel::compute_terms(double y) const {
  return {log_gamma(y + theta_) - log_gamma(theta_) - log_gamma(y + 1.0),
          digamma(y + theta_) - digamma(theta_), trigamma(theta_) - trigamma(y + theta_)};
}

NegativeBinomialModel::CountTerms NegativeBinomialModel::terms_of(double y) const {
  std::call_once(filled_, [this] { fill_table(); });
  return look_up(y);
}

// The table is there.
NegativeBinomialModel::CountTerms NegativeBinomialModel::look_up(double y) const {
  const bool is_tabled = y >= 0.0 && y < static_cast<double>(tabled) && y == std::floor(y);
  return is_tabled ? table_[static_cast<std::size_t>(y)] : compute_terms(y);
}

void NegativeBinomialModel::log_means(const Rows& rows, const double* mean, double* out) const {
  log_each(mean, rows.count, out);
}

void NegativeBinomialModel::add_parameter_sums(const Rows& rows, const double* mean,
                                               ParameterSums& sums) const {
  std::call_once(filled_, [this] { fill_table(); });
  std::vector<double> log_mean(rows.count), log_total(rows.count);
  log_means(rows, mean, log_mean.data());
  for (std::size_t i = 0; i < rows.count; ++i) log_total[i] = mean[i] / theta_;
  log1p_each(log_total.data(), rows.count, log_total.data());
  const double log_theta = std::log(theta_);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double prior = rows.prior_weights[i], y = rows.y[i], mu = mean[i];
    if (!(prior > 0.0)) continue;
    const CountTerms terms = look_up(y);
    const double total = mu + theta_;
    const double of_count = y > 0.0 ? y * (log_mean[i] - log_theta) : 0.0;
    sums.log_likelihood += prior * (terms.log_density + of_count - (theta_ + y) * log_total[i]);
    sums.score += prior * (terms.score - log_total[i] + (mu - y) / total);
    sums.information +=
        prior * (terms.information - 1.0 / theta_ + (2.0 - (y + theta_) / total) / total);
  }
}

}  // namespace glmpp
