#include "design.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "parallel/tiles.h"

namespace glmpp {

namespace {

// A dense tile and its weighted copy of 256 KB each stay in the L2 cache of current processors.
std::size_t rows_per_tile(std::size_t dense_width) {
  constexpr std::size_t tile_doubles = 32768, fewest = 128, most = 1024;
  const std::size_t rows = tile_doubles / std::max<std::size_t>(dense_width, 1) / 8 * 8;
  return std::min(std::max(rows, fewest), most);
}

}  // namespace

Design::Design(std::size_t rows, std::size_t coefficient_count,
               std::vector<std::unique_ptr<Block>> blocks, Structure structure)
    : rows_(rows), coefficient_count_(coefficient_count), blocks_(std::move(blocks)) {
  std::size_t tile_width = 0;
  for (const auto& block : blocks_) {
    tile_width += block->tile_width();
    row_cost_ += block->row_cost();
    own_offset_.push_back(own_width_);
    own_width_ += block->width();
    if (!block->map().fits(coefficient_count_))
      throw std::invalid_argument("a block has columns beyond the coefficients of the design");
  }
  const auto inner =
      structure == Structure::dense ? std::vector<std::size_t>() : Elimination::find_inner(blocks_);
  make_pairs(inner, structure);
  if (!inner.empty())
    elimination_ =
        std::make_unique<Elimination>(blocks_, inner, pairs_, coefficient_count_, structure);
  full_tile_rows_ = rows_per_tile(tile_width);
  // Clearing room that few rows leave empty would take longer than the rows do.
  tile_rows_ = std::min(full_tile_rows_, std::max<std::size_t>(padded_to_8(rows), 8));
}

void Design::make_pairs(const std::vector<std::size_t>& inner, Structure structure) {
  const auto is_inner = [&](std::size_t b) {
    return std::find(inner.begin(), inner.end(), b) != inner.end();
  };
  for (std::size_t b = 0; b < blocks_.size(); ++b)
    for (std::size_t a = 0; a <= b; ++a) {
      std::unique_ptr<PairSums> sums;
      if (structure != Structure::bordered_full && is_inner(a) != is_inner(b))
        sums = make_sparse_pair_sums(*blocks_[a], *blocks_[b], rows_);
      std::size_t offset = tables_size_;
      if (!sums) sums = find_beside_ones(a, b, offset);
      if (!sums) sums = make_pair_sums(*blocks_[a], *blocks_[b]);
      const std::size_t size = sums->table_size();
      information_cost_ += sums->row_cost();
      pairs_.push_back({a, b, offset, std::move(sums)});
      tables_size_ += size;
    }
}

// In the table of a pair that is there.
std::unique_ptr<PairSums> Design::find_beside_ones(std::size_t a, std::size_t b,
                                                   std::size_t& offset) const {
  const Block* cells = block_beside_ones(*blocks_[a], *blocks_[b]);
  const auto pair = std::find_if(pairs_.begin(), pairs_.end(), [&](const BlockPair& known) {
    return known.a == 0 && blocks_[known.b].get() == cells;
  });
  if (pair == pairs_.end()) return nullptr;
  auto sums = make_sums_beside_ones(*blocks_.front(), *pair->sums);
  if (sums) offset = pair->offset;
  return sums;
}

std::unique_ptr<Design> Design::restricted(const std::vector<std::size_t>& columns) const {
  std::vector<std::size_t> place(coefficient_count_, left_out);
  for (std::size_t k = 0; k < columns.size(); ++k) place[columns[k]] = k;
  std::vector<std::unique_ptr<Block>> kept;
  for (const auto& block : blocks_)
    if (auto rest = block->restricted(place)) kept.push_back(std::move(rest));
  return std::make_unique<Design>(rows_, columns.size(), std::move(kept));
}

std::vector<ColumnView> Design::column_views() const {
  std::vector<ColumnView> views(coefficient_count_);
  for (const auto& block : blocks_)
    for (std::size_t k = 0; k < block->map().coefficient_count(); ++k)
      views[block->map().position(k)] = block->view(k, rows_);
  return views;
}

double Design::factor_cost() const {
  const auto cube = [](double size) { return size * size * size / 3.0; };
  if (!elimination_) return cube(static_cast<double>(coefficient_count_));
  const BorderedShape& shape = *elimination_->shape();
  const double border = static_cast<double>(shape.border.size());
  // Single products cost some ten of those of the kernels; the rows are gone through some thirty times, from memory where they leave
  // the caches.
  constexpr std::size_t cached = 1 << 17;
  const double passes = shape.column.size() <= cached ? 30.0 : shape.is_full ? 100.0 : 400.0;
  if (shape.sparse)
    return 5.0 * shape.squares + 10.0 * shape.sparse->products() +
           400.0 * static_cast<double>(shape.column.size());
  const double products = std::min(5.0 * shape.squares,
                                   0.5 * static_cast<double>(shape.inner.size()) * border * border);
  return cube(border) + products + passes * static_cast<double>(shape.column.size());
}

Design::Size Design::elimination_size() const {
  const auto inner = Elimination::find_inner(blocks_);
  Size size{0.0, static_cast<double>(coefficient_count_), 0.0};
  for (std::size_t b : inner)
    size.inner += static_cast<double>(blocks_[b]->map().coefficient_count());
  size.border -= size.inner;
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    if (std::find(inner.begin(), inner.end(), b) != inner.end()) continue;
    const CoefficientMap& map = blocks_[b]->map();
    double of_row = static_cast<double>(map.coefficient_count());  // the most of a row
    if (blocks_[b]->tile_width() == 0) {
      std::size_t most = 0;
      for (std::size_t c = 0; c < map.width(); ++c) most = std::max(most, map.row_count(c));
      of_row = std::min(of_row, static_cast<double>(most * rows_) / std::max(size.inner, 1.0));
    }
    size.entries += of_row * size.inner;
  }
  return size;
}

DesignTile Design::make_tile() const {
  DesignTile tile;
  tile.blocks.resize(blocks_.size());
  std::size_t dense_size = 0;
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    blocks_[b]->prepare(tile_rows_, tile.blocks[b]);
    dense_size = std::max(dense_size, tile.blocks[b].values.size());
  }
  tile.weighted.scratch.resize(dense_size);
  if (dense_size > 0 && blocks_.size() > 1)
    tile.weighted.rows_major.resize(tile_rows_ * padded_to_8(blocks_.front()->width()));
  return tile;
}

void Design::load(RowRange rows, DesignTile& tile) const {
  tile.rows = rows.count;
  for (std::size_t b = 0; b < blocks_.size(); ++b) blocks_[b]->load(rows, tile.blocks[b]);
}

std::vector<double> Design::to_own(const std::vector<double>& coefficients) const {
  std::vector<double> own(own_width_);
  for (std::size_t b = 0; b < blocks_.size(); ++b)
    blocks_[b]->map().to_own(coefficients, own.data() + own_offset_[b]);
  return own;
}

void Design::add_linear_predictor(const DesignTile& tile, const double* own, double* eta) const {
  for (std::size_t b = 0; b < blocks_.size(); ++b)
    blocks_[b]->add_linear_predictor(tile.blocks[b], own + own_offset_[b], eta);
}

void Design::add_score(const DesignTile& tile, const double* residual, double* own_score) const {
  for (std::size_t b = 0; b < blocks_.size(); ++b)
    blocks_[b]->add_score(tile.blocks[b], residual, own_score + own_offset_[b]);
}

void Design::add_information(DesignTile& tile, const double* weights, double* tables) const {
  tile.weighted.weights = weights;
  tile.weighted.row_length = 0;
  for (const BlockPair& pair : pairs_)
    pair.sums->add(tile.blocks[pair.a], tile.blocks[pair.b], tile.weighted, tables + pair.offset);
}

void Design::expand(const DesignTile& tile, double* out, std::size_t leading_dimension) const {
  std::fill_n(out, leading_dimension * coefficient_count_, 0.0);
  for (std::size_t b = 0; b < blocks_.size(); ++b)
    blocks_[b]->expand(tile.blocks[b], out, leading_dimension);
}

void Design::visit_row(const DesignTile& tile, std::size_t row,
                       const Block::VisitElement& visit) const {
  for (std::size_t b = 0; b < blocks_.size(); ++b)
    blocks_[b]->visit_row(tile.blocks[b], row, visit);
}

void Design::collect_score(const double* own_score, std::vector<double>& score) const {
  score.assign(coefficient_count_, 0.0);
  for (std::size_t b = 0; b < blocks_.size(); ++b)
    blocks_[b]->map().add_score(own_score + own_offset_[b], score);
}

void Design::collect_information(const double* tables, Information& information,
                                 unsigned threads) const {
  if (elimination_) return elimination_->collect(pairs_, tables, threads, information);
  Matrix dense;
  if (!information.is_bordered()) dense = std::move(information.matrix());
  dense.resize_zero(coefficient_count_, coefficient_count_);
  MatrixElements elements(dense);
  for (const BlockPair& pair : pairs_)
    pair.sums->set_information(tables + pair.offset, blocks_[pair.a]->map(), blocks_[pair.b]->map(),
                               elements);
  information = std::move(dense);
}

void Design::column_moments(const Column& weights, std::vector<double>& sums,
                            std::vector<double>& squares) const {
  std::vector<double> own_sums(own_width_), own_squares(own_width_);
  std::vector<double> weight(padded_to_8(tile_rows_), 0.0);
  DesignTile tile = make_tile();
  for (RowRange rows : Tiles({0, rows_}, tile_rows_)) {
    load(rows, tile);
    std::fill(weight.begin(), weight.end(), 0.0);
    weights.read(rows, weight.data());
    add_score(tile, weight.data(), own_sums.data());
    for (std::size_t b = 0; b < blocks_.size(); ++b)
      blocks_[b]->add_squares(tile.blocks[b], weight.data(), own_squares.data() + own_offset_[b]);
  }
  collect_score(own_sums.data(), sums);
  squares.assign(coefficient_count_, 0.0);
  for (std::size_t b = 0; b < blocks_.size(); ++b)
    blocks_[b]->map().add_squares(own_squares.data() + own_offset_[b], squares);
}

}  // namespace glmpp
