#include "row_groups.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "parallel/lane_plan.h"
#include "parallel/lanes.h"
#include "parallel/tiles.h"

namespace glmpp {

namespace {

constexpr std::size_t fewest_rows = 20000;
constexpr std::size_t largest_range = 4096;     // values of one variable
constexpr std::size_t largest_table = 1 << 22;  // combinations: 64 MB of sums for each lane
constexpr std::size_t sampled_rows = 8192;
constexpr std::size_t tile_length = 1024;

}  // namespace

// One variable as a digit of a mixed-radix key.
struct RowGroups::Digit {
  VariableView variable;
  double least = 0.0;
  std::size_t range = 1;
  std::size_t stride = 1;

  /// False when values are not whole or too far apart.
  template <class Value>
  bool set_range(const Value* values, std::size_t rows) {
    Value low = values[0], high = values[0];
    for (RowRange tile : Tiles({0, rows}, tile_length)) {
      const std::size_t begin = tile.begin, end = tile.begin + tile.count;
      for (std::size_t i = begin; i < end; ++i) {
        low = std::min(low, values[i]);
        high = std::max(high, values[i]);
      }
      if (!(static_cast<double>(high) - static_cast<double>(low) < largest_range)) return false;
      if (std::is_floating_point<Value>::value)
        for (std::size_t i = begin; i < end; ++i)
          if (values[i] != std::floor(values[i])) return false;
    }
    least = static_cast<double>(low);
    range = static_cast<std::size_t>(static_cast<double>(high) - least) + 1;
    return true;
  }

  void set_levels() {
    least = 1.0;
    range = variable.levels;
  }

  void add_keys(RowRange rows, Key* keys) const {
    const Key step = static_cast<Key>(stride);
    if (variable.real) {
      for (std::size_t i = 0; i < rows.count; ++i)
        keys[i] += step * static_cast<Key>(variable.real[rows.begin + i] - least);
    } else if (variable.integer) {
      const int first = static_cast<int>(least);
      for (std::size_t i = 0; i < rows.count; ++i)
        keys[i] += step * static_cast<Key>(variable.integer[rows.begin + i] - first);
    }
  }
};

// What the rows of a lane add up, by key.
struct RowGroups::KeySums {
  std::vector<double> weight, weighted_y;
  std::vector<char> is_used;

  void add(const std::vector<Digit>& digits, RowRange lane, const Column& y,
           const Column& weights) {
    std::vector<Key> keys(tile_length);
    std::vector<double> tile_y(tile_length), tile_weights(tile_length);
    for (RowRange rows : Tiles(lane, tile_length)) {
      std::fill(keys.begin(), keys.end(), 0);
      for (const Digit& digit : digits) digit.add_keys(rows, keys.data());
      y.read(rows, tile_y.data());
      weights.read(rows, tile_weights.data());
      for (std::size_t k = 0; k < rows.count; ++k) {
        weight[keys[k]] += tile_weights[k];
        weighted_y[keys[k]] += tile_weights[k] * tile_y[k];
        is_used[keys[k]] = 1;
      }
    }
  }

  void clear(std::size_t keys) {
    weight.assign(keys, 0.0);
    weighted_y.assign(keys, 0.0);
    is_used.assign(keys, 0);
  }
};

bool RowGroups::read_digits(const std::vector<VariableView>& variables, std::size_t rows,
                            unsigned threads, std::vector<Digit>& digits) {
  digits.resize(variables.size());
  std::vector<char> is_digit(variables.size(), 1);
  run_lanes(
      variables.size(), threads,
      [&](std::size_t k, std::size_t) {
        const VariableView& variable = variables[k];
        digits[k].variable = variable;
        if (variable.levels > 0 && variable.levels <= largest_range)
          digits[k].set_levels();
        else if (variable.integer)
          is_digit[k] = digits[k].set_range(variable.integer, rows);
        if (variable.real) is_digit[k] = digits[k].set_range(variable.real, rows);
        if (variable.columns != 1) is_digit[k] = 0;
      },
      nullptr);
  std::size_t stride = 1;
  for (std::size_t k = 0; k < digits.size(); ++k) {
    if (!is_digit[k]) return false;
    digits[k].stride = stride;
    stride *= digits[k].range;
    if (stride > largest_table) return false;
  }
  return true;
}

std::size_t RowGroups::count_keys(const std::vector<Digit>& digits) {
  return digits.empty() ? 1 : digits.back().stride * digits.back().range;
}

// Many rows that are alone in a sample mean many more groups beyond it.
bool RowGroups::is_scattered(const std::vector<Digit>& digits, std::size_t rows) {
  std::vector<Key> sample(sampled_rows, 0);
  for (std::size_t i = 0; i < sampled_rows; ++i)
    for (const Digit& digit : digits) digit.add_keys({rows / sampled_rows * i, 1}, &sample[i]);
  std::sort(sample.begin(), sample.end());
  const auto distinct = std::unique(sample.begin(), sample.end()) - sample.begin();
  return static_cast<std::size_t>(distinct) > sampled_rows * 3 / 4 && count_keys(digits) > rows / 8;
}

std::unique_ptr<RowGroups> RowGroups::find(const std::vector<VariableView>& variables,
                                           std::size_t rows, const Column& y, const Column& weights,
                                           unsigned threads, const std::function<void()>& poll) {
  std::vector<Digit> digits;
  if (rows < fewest_rows || !read_digits(variables, rows, threads, digits)) return nullptr;
  if (is_scattered(digits, rows)) return nullptr;
  const std::size_t keys = count_keys(digits);
  const LanePlan plan(rows, 100.0, 3 * keys);
  std::vector<KeySums> lanes(plan.count());
  run_lanes(
      plan.count(), threads,
      [&](std::size_t i, std::size_t) {
        lanes[i].clear(keys);
        lanes[i].add(digits, plan.lane(i), y, weights);
      },
      poll);
  auto groups = std::make_unique<RowGroups>();
  const std::vector<Key> used = groups->gather(lanes, keys);
  if (used.size() > rows / 4) return nullptr;
  groups->unpack(digits, used);
  return groups;
}

// Sums the lanes and returns the keys that occur.
std::vector<RowGroups::Key> RowGroups::gather(const std::vector<KeySums>& lanes, std::size_t keys) {
  std::vector<Key> used;
  for (Key key = 0; key < keys; ++key) {
    double weight = 0.0, weighted_y = 0.0;
    bool is_used = false;
    for (const KeySums& sums : lanes) {
      weight += sums.weight[key];
      weighted_y += sums.weighted_y[key];
      is_used |= sums.is_used[key] != 0;
    }
    if (!is_used) continue;
    used.push_back(key);
    weights_.push_back(weight);
    y_.push_back(weight > 0.0 ? weighted_y / weight : 0.0);
  }
  return used;
}

void RowGroups::unpack(const std::vector<Digit>& digits, const std::vector<Key>& keys) {
  for (const Digit& digit : digits) {
    std::vector<double> real;
    std::vector<int> integer;
    for (Key key : keys) {
      const double value = digit.least + static_cast<double>(key / digit.stride % digit.range);
      if (digit.variable.real) real.push_back(value);
      if (digit.variable.integer) integer.push_back(static_cast<int>(value));
    }
    real_.push_back(std::move(real));
    integer_.push_back(std::move(integer));
  }
}

std::vector<VariableView> RowGroups::variables() const {
  std::vector<VariableView> views;
  for (std::size_t k = 0; k < real_.size(); ++k)
    views.push_back({real_[k].empty() ? nullptr : real_[k].data(),
                     integer_[k].empty() ? nullptr : integer_[k].data()});
  return views;
}

}  // namespace glmpp
