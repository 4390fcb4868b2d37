#include "unit_weights.h"

#include <cmath>
#include <random>
#include <stdexcept>
#include <utility>

#include "family/named_list.h"

namespace glmpp {

namespace {

// The 64-bit Mersenne twister, whose numbers the standard fixes; what it makes of them differs between libraries.
std::mt19937_64 generator_of(std::uint64_t seed, std::size_t replicate) {
  const std::uint64_t number = replicate;
  std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32)};
  return std::mt19937_64(words);
}

// Of (0, 1), neither of which it reaches: 52 bits and a half are exact.
double uniform(std::mt19937_64& generator) {
  return (static_cast<double>(generator() >> 12) + 0.5) * 0x1p-52;
}

}  // namespace

UnitWeights::UnitWeights(const std::string& kind, std::size_t units, std::uint64_t seed,
                         std::vector<int> folds, std::vector<double> given)
    : kind_(find_named(NamedList<Kind>{{"pairs", Kind::pairs},
                                       {"multiplier", Kind::multiplier},
                                       {"leave_out", Kind::leave_out},
                                       {"given", Kind::given}},
                       kind, "kind of replicate")),
      units_(units),
      seed_(seed),
      folds_(std::move(folds)),
      given_(std::move(given)) {}

void UnitWeights::fill(std::size_t replicate, std::vector<double>& weights) const {
  if (kind_ == Kind::leave_out) return fill_folds(replicate, 0.0, 1.0, weights);
  if (kind_ == Kind::given) {
    weights = given_;
    return;
  }
  std::mt19937_64 generator = generator_of(seed_, replicate);
  weights.assign(units_, 0.0);
  const double count = static_cast<double>(units_);
  if (kind_ == Kind::pairs) {
    for (std::size_t draw = 0; draw < units_; ++draw)
      weights[static_cast<std::size_t>(uniform(generator) * count)] += 1.0;
    return;
  }
  double total = 0.0;
  for (double& weight : weights) total += weight = -std::log(uniform(generator));
  for (double& weight : weights) weight *= count / total;
}

void UnitWeights::fill_left_out(std::size_t replicate, std::vector<double>& weights) const {
  fill_folds(replicate, 1.0, 0.0, weights);
}

void UnitWeights::fill_folds(std::size_t replicate, double inside, double outside,
                             std::vector<double>& weights) const {
  weights.resize(units_);
  for (std::size_t unit = 0; unit < units_; ++unit)
    weights[unit] = folds_[unit] == static_cast<int>(replicate) ? inside : outside;
}

}  // namespace glmpp
