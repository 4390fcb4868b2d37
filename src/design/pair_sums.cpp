#include "pair_sums.h"

#include <stdexcept>

#include "categorical_block.h"
#include "dense_block.h"
#include "linalg/gram.h"
#include "sparse_block.h"

namespace glmpp {

namespace {

double multiplier_of(const BlockTile& tile, std::size_t row) {
  return tile.has_multiplier ? tile.multiplier[row] : 1.0;
}

// The upper triangle of a block's own Gram matrix, mirrored.
void set_triangle(const Block& block, const double* table, Matrix& information) {
  const CoefficientMap& map = block.map();
  for (std::size_t j = 0; j < block.width(); ++j)
    for (std::size_t i = 0; i <= j; ++i) {
      const double sum = table[i + j * block.width()];
      information(map.position(i), map.position(j)) = sum;
      information(map.position(j), map.position(i)) = sum;
    }
}

class DenseGram : public PairSums {
 public:
  explicit DenseGram(const Block& block) : block_(block) {}
  std::size_t table_size() const override { return block_.width() * block_.width(); }
  double row_cost() const override { return 1.0 * block_.width() * block_.width(); }
  void add(const BlockTile& tile, const BlockTile&, WeightedTile& weighted,
           double* table) const override {
    add_weighted_gram(tile.values.data(), tile.leading_dimension, tile.rows, block_.width(),
                      weighted.weights, weighted.scratch.data(), table, block_.width());
  }
  void set_information(const double* table, Matrix& information) const override {
    set_triangle(block_, table, information);
  }

 private:
  const Block& block_;
};

class SparseGram : public PairSums {
 public:
  explicit SparseGram(const SparseBlock& block) : block_(block) {}
  std::size_t table_size() const override { return block_.width() * block_.width(); }
  double row_cost() const override {
    return 50.0 * block_.mean_row_length() * block_.mean_row_length();
  }
  void add(const BlockTile& tile, const BlockTile&, WeightedTile& weighted,
           double* table) const override {
    block_.add_gram(tile, weighted.weights, table);
  }
  void set_information(const double* table, Matrix& information) const override {
    set_triangle(block_, table, information);
  }

 private:
  const SparseBlock& block_;
};

/// Weighted dense rows added up by cell; the table is cells x padded width, by rows.
class DenseByCells : public PairSums {
 public:
  DenseByCells(const Block& dense, const Block& cells) : dense_(dense), cells_(cells) {}
  std::size_t row_length() const { return padded_to_8(dense_.width()); }
  std::size_t table_size() const override { return row_length() * cells_.width(); }
  double row_cost() const override { return 60.0 + 4.0 * row_length(); }
  void add(const BlockTile& dense, const BlockTile& cells, WeightedTile& weighted,
           double* table) const override {
    if (weighted.row_length == 0) {
      weighted.row_length = row_length();
      transpose_tile(dense.values.data(), dense.leading_dimension, dense.rows, dense_.width(),
                     weighted.weights, weighted.rows_major.data(), row_length());
    }
    add_scaled_rows(weighted.rows_major.data(), row_length(), dense.rows, dense_.width(),
                    cells.cell.data(), cells.has_multiplier ? cells.multiplier.data() : nullptr,
                    table);
  }
  void set_information(const double* table, Matrix& information) const override {
    CoefficientMap::set_information(dense_.map(), cells_.map(), table, row_length(), information);
  }

 private:
  const Block& dense_;
  const Block& cells_;
};

/// Blocks over the same cells meet on the diagonal only.
class SameCells : public PairSums {
 public:
  SameCells(const Block& a, const Block& b) : a_(a), b_(b) {}
  std::size_t table_size() const override { return a_.width(); }
  double row_cost() const override { return 60.0; }
  void add(const BlockTile& a, const BlockTile& b, WeightedTile& weighted,
           double* table) const override {
    const double* w = weighted.weights;
    if (!a.has_multiplier && !b.has_multiplier)
      for (std::size_t i = 0; i < a.rows; ++i) table[a.cell[i]] += w[i];
    else
      for (std::size_t i = 0; i < a.rows; ++i)
        table[a.cell[i]] += w[i] * multiplier_of(a, i) * multiplier_of(b, i);
  }
  void set_information(const double* table, Matrix& information) const override {
    CoefficientMap::set_information_diagonal(a_.map(), b_.map(), table, information);
  }

 private:
  const Block& a_;
  const Block& b_;
};

/// The weighted cross table of two factors.
class CrossTable : public PairSums {
 public:
  CrossTable(const Block& a, const Block& b) : a_(a), b_(b) {}
  std::size_t table_size() const override { return a_.width() * b_.width(); }
  double row_cost() const override { return 60.0; }
  void add(const BlockTile& a, const BlockTile& b, WeightedTile& weighted,
           double* table) const override {
    const double* w = weighted.weights;
    const std::size_t width = a_.width();
    if (!a.has_multiplier && !b.has_multiplier)
      for (std::size_t i = 0; i < a.rows; ++i)
        table[static_cast<std::size_t>(a.cell[i]) + width * static_cast<std::size_t>(b.cell[i])] +=
            w[i];
    else
      for (std::size_t i = 0; i < a.rows; ++i)
        table[static_cast<std::size_t>(a.cell[i]) + width * static_cast<std::size_t>(b.cell[i])] +=
            w[i] * multiplier_of(a, i) * multiplier_of(b, i);
  }
  void set_information(const double* table, Matrix& information) const override {
    CoefficientMap::set_information(a_.map(), b_.map(), table, a_.width(), information);
  }

 private:
  const Block& a_;
  const Block& b_;
};

}  // namespace

std::unique_ptr<PairSums> make_pair_sums(const Block& a, const Block& b) {
  const auto* dense_a = dynamic_cast<const DenseBlock*>(&a);
  const auto* dense_b = dynamic_cast<const DenseBlock*>(&b);
  const auto* cells_a = dynamic_cast<const CategoricalBlock*>(&a);
  const auto* cells_b = dynamic_cast<const CategoricalBlock*>(&b);
  const auto* sparse_a = dynamic_cast<const SparseBlock*>(&a);
  if (sparse_a && &a == &b) return std::make_unique<SparseGram>(*sparse_a);
  if (dense_a && dense_a == dense_b) return std::make_unique<DenseGram>(a);
  if (dense_a && cells_b) return std::make_unique<DenseByCells>(a, b);
  if (cells_a && cells_b && cells_a->has_same_cells(*cells_b))
    return std::make_unique<SameCells>(a, b);
  if (cells_a && cells_b) return std::make_unique<CrossTable>(a, b);
  throw std::logic_error("no way to sum this pair of blocks");
}

}  // namespace glmpp
