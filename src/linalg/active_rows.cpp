#include "active_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vectors.h"

namespace glmpp {

namespace {

constexpr double rounding = 1e-12;

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return glmpp::dot(a.data(), b.data(), a.size());
}

void rotate(double cosine, double sine, double& first, double& second) {
  const double turned = cosine * first + sine * second;
  second = cosine * second - sine * first;
  first = turned;
}

}  // namespace

void ActiveRows::hold(std::size_t id, const std::vector<double>& row, bool is_free) {
  if (append(id, row, is_free)) balance();
}

bool ActiveRows::append(std::size_t id, const std::vector<double>& row, bool is_free) {
  Held added{id, is_free, 0.0, row, std::vector<double>(held_.size() + 1), 0.0};
  // Once more for what rounding left (Giraud, Langou and Rozloznik 2005, Computers and Mathematics with Applications 50).
  for (int round = 0; round < 2; ++round) {
    for (std::size_t k = 0; k < held_.size(); ++k) {
      const double share = dot(held_[k].direction, added.direction);
      add_scaled(held_[k].direction.data(), -share, row.size(), added.direction.data());
      added.root[k] += share;
    }
  }
  const double length = std::sqrt(dot(added.direction, added.direction));
  if (!(length > rounding * std::sqrt(dot(row, row)))) return false;
  for (double& value : added.direction) value /= length;
  added.root.back() = length;
  added.target = -dot(added.direction, total_);
  held_.push_back(std::move(added));
  return true;
}

void ActiveRows::balance() {
  while (!held_.empty()) {
    const std::vector<double> at_rest = amounts_at_rest();
    double share = 1.0, largest = 1e-300;
    bool is_any_falling = false;
    const auto is_falling = [&](std::size_t k) { return !held_[k].is_free && at_rest[k] <= 0.0; };
    for (std::size_t k = 0; k < held_.size(); ++k) {
      if (!is_falling(k)) continue;
      is_any_falling = true;
      // Of a row just added at rest 0 / 0.
      const double reached = held_[k].amount / (held_[k].amount - at_rest[k]);
      share = std::isnan(reached) ? 0.0 : std::min(share, reached);
    }
    for (std::size_t k = 0; k < held_.size(); ++k) {
      held_[k].amount += share * (at_rest[k] - held_[k].amount);
      largest = std::max(largest, std::fabs(held_[k].amount));
    }
    if (!is_any_falling) return;
    for (std::size_t k = held_.size(); k-- > 0;)
      if (is_falling(k) && held_[k].amount <= rounding * largest) let_go(k);
  }
}

std::vector<double> ActiveRows::amounts_at_rest() const {
  std::vector<double> amounts(held_.size());
  for (std::size_t k = 0; k < held_.size(); ++k) amounts[k] = held_[k].target;
  for (std::size_t k = held_.size(); k-- > 0;) {
    amounts[k] /= held_[k].root[k];
    add_scaled(held_[k].root.data(), -amounts[k], k, amounts.data());
  }
  return amounts;
}

// The columns of R after it have an element below the diagonal, which rotations of neighbours take away.
void ActiveRows::let_go(std::size_t place) {
  for (std::size_t k = place + 1; k < held_.size(); ++k) {
    Held &before = held_[k - 1], &after = held_[k];
    const double length = std::hypot(after.root[k - 1], after.root[k]);
    const double cosine = after.root[k - 1] / length, sine = after.root[k] / length;
    for (std::size_t j = k; j < held_.size(); ++j)
      rotate(cosine, sine, held_[j].root[k - 1], held_[j].root[k]);
    rotate(cosine, sine, before.target, after.target);
    for (std::size_t i = 0; i < total_.size(); ++i)
      rotate(cosine, sine, before.direction[i], after.direction[i]);
  }
  for (std::size_t k = place + 1; k < held_.size(); ++k) {
    Held &before = held_[k - 1], &after = held_[k];
    before.id = after.id;
    before.is_free = after.is_free;
    before.amount = after.amount;
    after.root.pop_back();
    before.root.swap(after.root);
  }
  held_.pop_back();
}

std::vector<std::size_t> ActiveRows::ids() const {
  std::vector<std::size_t> ids;
  for (const Held& held : held_) ids.push_back(held.id);
  return ids;
}

// Amounts are at rest: what the directions leave of the total.
std::vector<double> ActiveRows::point() const {
  std::vector<double> point = total_;
  for (const Held& held : held_)
    add_scaled(held.direction.data(), -dot(held.direction, point), point.size(), point.data());
  return point;
}

}  // namespace glmpp
