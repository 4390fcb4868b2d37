#include "rank.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace glmpp {

namespace {

constexpr double smallest_sure_pivot = 1e-9;

// Looks for combinations of columns that are zero. A weak column is one that the information can't tell from a combination of the
// strong ones.
class RankSearch {
 public:
  RankSearch(Objective& objective, const Information& information, const Control& control)
      : control_(control), twin_(objective.normal_twin()), information_(information) {
    const std::size_t p = information.size();
    if (twin_) {
      Sums sums;
      twin_->evaluate(std::vector<double>(p, 0.0), need_score | need_information, sums);
      information_ = std::move(sums.information);
    }
    for (std::size_t j = 0; j < p; ++j)
      scale_.push_back(std::sqrt(std::max(information_.diagonal(j), 0.0)));
    factor_ = std::make_unique<BorderedFactor>(information_, std::vector<bool>(p, true),
                                               smallest_sure_pivot, control.threads);
  }

  // The columns that are combinations of those before them, each with the combination.
  std::map<std::size_t, Combination> find() {
    std::map<std::size_t, Combination> zero;  // combinations that are, by the last column in them
    std::vector<std::size_t> weak;
    for (std::size_t j : factor_->weak()) {
      if (scale_[j] > 0.0)
        weak.push_back(j);
      else
        zero[j] = {{j, 1.0}};
    }
    for (std::size_t j : dependent(weak)) add(sparse(combination({{j, 1.0}}, 1)), zero);
    reduce(zero);
    return zero;
  }

 private:
  // What of the weak columns is a combination of the strong: all, most often, which two sums of them tell.
  std::vector<std::size_t> dependent(const std::vector<std::size_t>& weak) {
    constexpr std::size_t most_tests = 200;
    if (weak.empty() || (are_zero(weak, 1) && are_zero(weak, 2))) return weak;
    std::vector<std::size_t> found;
    for (std::size_t k = 0; k < std::min(weak.size(), most_tests); ++k)
      if (are_zero({weak[k]}, 1)) found.push_back(weak[k]);
    return found;
  }

  bool are_zero(const std::vector<std::size_t>& weak, std::size_t round) {
    Combination parts;
    for (std::size_t k = 0; k < weak.size(); ++k) {
      const std::size_t mixed = (k + 1) * (2654435761u * round + 40503u);
      parts.push_back({weak[k], ((mixed >> 7) % 2 ? 1.0 : -1.0) / scale_[weak[k]]});
    }
    const double size = static_cast<double>(weak.size());
    if (!twin_) {
      constexpr double rounding = 1e-13;
      const std::vector<double> left = combination(parts, 2);
      std::vector<double> image;
      information_.multiply(left, image, control_.threads);
      return std::fabs(std::inner_product(left.begin(), left.end(), image.begin(), 0.0)) <=
             rounding * size;
    }
    std::vector<double> left = combination(parts, 1);
    Sums sums;
    for (int refinement = 0; refinement < 2; ++refinement) {
      twin_->evaluate(left, need_score, sums);
      improve(sums.score, left);
    }
    twin_->evaluate(left, need_deviance, sums);
    return std::sqrt(std::max(sums.deviance, 0.0)) <= control_.rank_tolerance * std::sqrt(size);
  }

  // The weak parts less what the strong columns explain of them, by the information.
  std::vector<double> combination(const Combination& parts, int refinements) const {
    std::vector<double> made(scale_.size(), 0.0), image;
    for (const auto& [j, value] : parts) made[j] = value;
    for (int round = 0; round <= refinements; ++round) {
      information_.multiply(made, image, control_.threads);
      for (double& value : image) value = -value;
      improve(image, made);
    }
    return made;
  }

  void improve(const std::vector<double>& score, std::vector<double>& coefficients) const {
    std::vector<double> change;
    factor_->solve(score, change);
    for (std::size_t j = 0; j < change.size(); ++j) coefficients[j] += change[j];
  }

  // Without what is rounding; ascending.
  Combination sparse(const std::vector<double>& dense) const {
    constexpr double rounding = 1e-7;
    double largest = 0.0;
    for (std::size_t j = 0; j < dense.size(); ++j)
      largest = std::max(largest, std::fabs(dense[j]) * scale_[j]);
    Combination found;
    for (std::size_t j = 0; j < dense.size(); ++j)
      if (std::fabs(dense[j]) * scale_[j] > rounding * largest) found.push_back({j, dense[j]});
    return found;
  }

  Combination sum(const Combination& a, double factor, const Combination& b) const {
    Combination total;
    double largest = 0.0;
    auto i = a.begin();
    auto k = b.begin();
    while (i != a.end() || k != b.end()) {
      const bool of_a = k == b.end() || (i != a.end() && i->first <= k->first);
      const bool of_b = i == a.end() || (k != b.end() && k->first <= i->first);
      const std::size_t j = of_a ? i->first : k->first;
      total.push_back({j, (of_a ? i->second : 0.0) + (of_b ? factor * k->second : 0.0)});
      if (of_a) largest = std::max(largest, std::fabs(i->second) * scale_[j]);
      if (of_b) largest = std::max(largest, std::fabs(factor * k->second) * scale_[j]);
      if (of_a) ++i;
      if (of_b) ++k;
    }
    constexpr double rounding = 1e-7;
    total.erase(std::remove_if(total.begin(), total.end(),
                               [&](const auto& part) {
                                 return std::fabs(part.second) * scale_[part.first] <=
                                        rounding * largest;
                               }),
                total.end());
    return total;
  }

  // Less those that end at the same column, until it ends at one of its own.
  void add(Combination next, std::map<std::size_t, Combination>& zero) const {
    while (!next.empty()) {
      const auto known = zero.find(next.back().first);
      if (known == zero.end()) {
        const std::size_t last = next.back().first;
        zero[last] = std::move(next);
        return;
      }
      const double factor = -next.back().second / known->second.back().second;
      const std::size_t last = next.back().first;
      next = sum(next, factor, known->second);
      if (!next.empty() && next.back().first == last) next.pop_back();
    }
  }

  // Each as what its last column is of columns that are not aliased.
  void reduce(std::map<std::size_t, Combination>& zero) const {
    for (auto& [last, combination] : zero) {
      const double own = -combination.back().second;
      combination.pop_back();
      for (auto& part : combination) part.second /= own;
      for (bool is_done = false; !is_done;) {
        is_done = true;
        for (const auto& [j, value] : combination) {
          const auto other = zero.find(j);
          if (other == zero.end()) continue;
          Combination rest;
          for (const auto& part : combination)
            if (part.first != j) rest.push_back(part);
          combination = sum(rest, value, other->second);
          is_done = false;
          break;
        }
      }
    }
  }

  const Control& control_;
  std::unique_ptr<Objective> twin_;
  Information information_;
  std::vector<double> scale_;
  std::unique_ptr<BorderedFactor> factor_;
};

}  // namespace

InformationFactor factor_by_rank(Objective& objective, const Information& information,
                                 const Control& control) {
  std::map<std::size_t, Combination> found = RankSearch(objective, information, control).find();
  std::vector<std::size_t> estimable;
  std::vector<Combination> combinations;
  for (std::size_t j = 0; j < information.size(); ++j) {
    const auto aliased = found.find(j);
    if (aliased == found.end())
      estimable.push_back(j);
    else
      combinations.push_back(std::move(aliased->second));
  }
  return InformationFactor::from_ranked(information, estimable, std::move(combinations),
                                        control.threads);
}

}  // namespace glmpp
