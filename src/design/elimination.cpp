#include "elimination.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "categorical_block.h"
#include "linalg/cell_lanes.h"

namespace glmpp {

namespace {

// Each coefficient has one cell, and no two the same.
bool has_cells_of_its_own(const CoefficientMap& map) {
  if (map.is_shifted()) return true;
  std::vector<char> is_taken(map.width(), 0);
  for (std::size_t k = 0; k < map.coefficient_count(); ++k) {
    if (map.entry_count(k) != 1) return false;
    char& taken = is_taken[map.entry_row(map.first_entry(k))];
    if (taken) return false;
    taken = 1;
  }
  return true;
}

class CornerElements : public SymmetricElements {
 public:
  explicit CornerElements(Information& information) : information_(information) {}
  void set(std::size_t i, std::size_t j, double value) override {
    information_.set_corner(i, j, value);
  }

 private:
  Information& information_;
};

// Which elements there are.
class Places : public SymmetricElements {
 public:
  void set(std::size_t i, std::size_t j, double) override {
    found.push_back({static_cast<int>(i), static_cast<int>(j)});
  }
  std::vector<SparsePattern::Element> found;
};

const CategoricalBlock* as_eliminable(const Block& block) {
  const auto* cells = dynamic_cast<const CategoricalBlock*>(&block);
  return cells && has_cells_of_its_own(cells->map()) ? cells : nullptr;
}

}  // namespace

std::vector<std::size_t> Elimination::find_inner(const Blocks& blocks) {
  std::vector<std::size_t> best;
  std::size_t most = 0;
  for (std::size_t a = 0; a < blocks.size(); ++a) {
    const CategoricalBlock* first = as_eliminable(*blocks[a]);
    if (!first) continue;
    std::vector<std::size_t> found;
    std::size_t count = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const CategoricalBlock* other = as_eliminable(*blocks[b]);
      if (!other || !first->has_same_cells(*other)) continue;
      found.push_back(b);
      count += other->map().coefficient_count();
    }
    if (count <= most) continue;
    most = count;
    best = std::move(found);
  }
  return best;
}

Elimination::Elimination(const Blocks& blocks, const std::vector<std::size_t>& inner,
                         const std::vector<BlockPair>& pairs, std::size_t coefficient_count,
                         Structure structure)
    : blocks_(blocks), is_inner_(blocks.size(), 0) {
  for (std::size_t b : inner) is_inner_[b] = 1;
  auto shape = std::make_shared<BorderedShape>();
  shape->size = coefficient_count;
  find_cells(inner, *shape);
  std::vector<std::size_t> place(coefficient_count, left_out);
  std::vector<bool> is_inner(coefficient_count, false);
  for (std::size_t j : shape->inner) is_inner[j] = true;
  for (std::size_t j = 0; j < coefficient_count; ++j) {
    if (is_inner[j]) continue;
    place[j] = shape->border.size();
    shape->border.push_back(j);
  }
  for (const auto& block : blocks) corner_.push_back(block->map().restricted(place));
  find_rows(pairs, *shape);
  shape->finish();
  if (structure != Structure::bordered_full)
    shape->sparse = find_sparse(pairs, *shape, structure == Structure::bordered_sparse);
  shape_ = std::move(shape);
}

std::shared_ptr<const SparsePattern> Elimination::find_sparse(const std::vector<BlockPair>& pairs,
                                                              const BorderedShape& shape,
                                                              bool always) const {
  // A smaller complement is soon factored.
  constexpr std::size_t fewest = 1000;
  const std::size_t q = shape.border.size();
  if (q < fewest && !always) return nullptr;
  std::size_t elements = 0;
  const auto is_of_corner = [&](const BlockPair& pair) {
    return !is_inner_[pair.a] && !is_inner_[pair.b];
  };
  for (const BlockPair& pair : pairs)
    if (is_of_corner(pair)) elements += pair.sums->table_size();
  if (elements > q * q / 8 && !always) return nullptr;
  Places places;
  for (const BlockPair& pair : pairs)
    if (is_of_corner(pair))
      pair.sums->set_information(std::vector<double>(pair.sums->reach()).data(), corner_[pair.a],
                                 corner_[pair.b], places);
  return SparsePattern::find(shape, std::move(places.found), always);
}

void Elimination::find_cells(const std::vector<std::size_t>& inner, BorderedShape& shape) {
  struct Member {
    std::size_t position;
    Place place;
  };
  const auto each_coefficient = [&](auto visit) {
    for (std::size_t b : inner) {
      const CoefficientMap& map = blocks_[b]->map();
      for (std::size_t k = 0; k < map.coefficient_count(); ++k) visit(b, map, k);
    }
  };
  std::vector<std::size_t> end(blocks_[inner.front()]->width() + 1);
  each_coefficient([&](std::size_t, const CoefficientMap& map, std::size_t k) {
    ++end[map.entry_row(map.first_entry(k)) + 1];
  });
  std::partial_sum(end.begin(), end.end(), end.begin());
  std::vector<Member> members(end.back());
  // From where a cell begins to where it ends.
  each_coefficient([&](std::size_t b, const CoefficientMap& map, std::size_t k) {
    const std::size_t e = map.first_entry(k), cell = map.entry_row(e);
    members[end[cell]++] = {map.position(k), {b, cell, map.entry_value(e)}};
  });
  shape.inner.reserve(members.size());
  places_.reserve(members.size());
  shape.cell_start.push_back(0);
  for (std::size_t cell = 0, first = 0; cell + 1 < end.size(); first = end[cell++]) {
    if (first == end[cell]) continue;
    std::sort(members.data() + first, members.data() + end[cell],
              [](const Member& a, const Member& b) { return a.position < b.position; });
    for (std::size_t m = first; m < end[cell]; ++m) {
      shape.inner.push_back(members[m].position);
      places_.push_back(members[m].place);
    }
    shape.cell_start.push_back(shape.inner.size());
  }
}

// The entries of a cell: every coefficient that a row in it may have.
void Elimination::find_rows(const std::vector<BlockPair>& pairs, BorderedShape& shape) {
  shape.row_start.push_back(0);
  shape.row_start.reserve(shape.inner.size() + 1);
  std::vector<int> columns;
  std::size_t known = blocks_.size();  // the block all of whose cells have these
  for (std::size_t c = 0; c < shape.cells(); ++c) {
    const std::size_t first = shape.cell_start[c], width = shape.width(c);
    const Place& place = places_[first];
    if (place.block != known) {
      const bool is_for_all = find_columns(pairs, place, shape.border.size(), columns);
      known = is_for_all ? place.block : blocks_.size();
      if (is_for_all && shape.column.empty())
        shape.column.reserve(columns.size() * shape.inner.size());
    }
    for (std::size_t k = 0; k < width; ++k) {
      shape.column.insert(shape.column.end(), columns.begin(), columns.end());
      shape.row_start.push_back(shape.column.size());
    }
  }
}

// Of the cell of a place, ascending. True where all cells of its block have the same.
bool Elimination::find_columns(const std::vector<BlockPair>& pairs, const Place& place,
                               std::size_t border, std::vector<int>& columns) {
  is_there_.resize(border, 0);
  columns.clear();
  bool is_for_all = true;
  for (const BlockPair& pair : pairs) {
    if (is_inner_[pair.a] == is_inner_[pair.b]) continue;
    const std::size_t own = is_inner_[pair.a] ? pair.a : pair.b;
    const std::size_t other = own == pair.a ? pair.b : pair.a;
    if (own != place.block) continue;
    const CoefficientMap& map = corner_[other];
    const CellSums sums = pair.sums->of_cell(own == pair.b, place.cell);
    is_for_all &= sums.count == map.width();
    for (std::size_t s = 0; s < sums.count; ++s)
      map.visit_row(sums.column(s), [&](std::size_t k, double) {
        const std::size_t b = map.position(k);
        if (!is_there_[b]) columns.push_back(static_cast<int>(b));
        is_there_[b] = 1;
      });
  }
  std::sort(columns.begin(), columns.end());
  for (int b : columns) is_there_[static_cast<std::size_t>(b)] = 0;
  return is_for_all;
}

void Elimination::collect(const std::vector<BlockPair>& pairs, const double* tables,
                          unsigned threads, Information& information) const {
  information = Information::with_unset_rows(shape_);
  clear_rows(threads, information.rows().data());
  CornerElements corner(information);
  for (const BlockPair& pair : pairs) {
    const double* table = tables + pair.offset;
    const int inner = is_inner_[pair.a] + is_inner_[pair.b];
    if (inner == 0)
      pair.sums->set_information(table, corner_[pair.a], corner_[pair.b], corner);
    else if (inner == 1)
      collect_rows(pair, table, threads, information.rows().data());
    else
      collect_blocks(pair, table, information);
  }
}

void Elimination::clear_rows(unsigned threads, double* rows) const {
  CellLanes(*shape_).each_cell(threads, [&](std::size_t c, std::size_t) {
    const std::size_t first = shape_->row_begin(shape_->cell_begin(c));
    std::fill(rows + first, rows + shape_->row_begin(shape_->cell_begin(c + 1)), 0.0);
  });
}

void Elimination::collect_blocks(const BlockPair& pair, const double* table,
                                 Information& information) const {
  for (std::size_t c = 0; c < shape_->cells(); ++c) {
    const std::size_t first = shape_->cell_start[c], width = shape_->width(c);
    double* block = information.blocks().data() + shape_->block_start[c];
    for (std::size_t l = 0; l < width; ++l)
      for (std::size_t k = 0; k < width; ++k) {
        const Place &a = places_[first + k], &b = places_[first + l];
        if (a.block != pair.a || b.block != pair.b) continue;
        const double sum = table[pair.sums->of_cell(false, a.cell).place(0)];
        block[k + l * width] = block[l + k * width] = a.value * b.value * sum;
      }
  }
}

// Of columns that are coefficients, where every row has all.
void Elimination::copy_rows(const BlockPair& pair, std::size_t own, const double* table,
                            unsigned threads, double* rows) const {
  const CoefficientMap& map = corner_[own == pair.a ? pair.b : pair.a];
  CellLanes(*shape_).each_cell(threads, [&](std::size_t c, std::size_t) {
    for (std::size_t k = shape_->cell_begin(c); k < shape_->cell_begin(c + 1); ++k) {
      if (places_[k].block != own) continue;
      double* row = rows + shape_->row_begin(k);
      const double value = places_[k].value;
      const CellSums sums = pair.sums->of_cell(own == pair.b, places_[k].cell);
      for (std::size_t s = 0; s < sums.count; ++s)
        row[map.position(s)] += value * table[sums.first_place + s * sums.stride];
    }
  });
}

void Elimination::collect_rows(const BlockPair& pair, const double* table, unsigned threads,
                               double* rows) const {
  const std::size_t own = is_inner_[pair.a] ? pair.a : pair.b;
  const CoefficientMap& map = corner_[own == pair.a ? pair.b : pair.a];
  if (shape_->is_full && map.is_identity()) return copy_rows(pair, own, table, threads, rows);
  const CellLanes lanes(*shape_);
  // Of a row, where in it each coefficient of the border is.
  std::vector<std::size_t> all(shape_->border.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<std::vector<std::size_t>> entries(lanes.count(), all);
  lanes.each_cell(threads, [&](std::size_t c, std::size_t lane) {
    std::vector<std::size_t>& entry = entries[lane];
    for (std::size_t k = shape_->cell_start[c]; k < shape_->cell_start[c + 1]; ++k) {
      if (places_[k].block != own) continue;
      const std::size_t first = shape_->row_start[k];
      if (!shape_->is_full)
        for (std::size_t e = first; e < shape_->row_start[k + 1]; ++e)
          entry[static_cast<std::size_t>(shape_->column[e])] = e - first;
      const CellSums sums = pair.sums->of_cell(own == pair.b, places_[k].cell);
      for (std::size_t s = 0; s < sums.count; ++s) {
        const double sum = places_[k].value * table[sums.place(s)];
        map.visit_row(sums.column(s), [&](std::size_t of_map, double value) {
          rows[first + entry[map.position(of_map)]] += value * sum;
        });
      }
    }
  });
}

}  // namespace glmpp
