# What the rows of a part, or of a node, answer in the search for separation. A question is a list of
#
#   what          "cells", "rest", "census", "move", "check", "cone" or "excess", see the functions below
#   stages        which rows are separated already, see left_sides()
#   coefficients  where the fit ended
#
# and of what the functions below read. Answers of two sets of rows become one by merge_searches().

search_rows <- function(rows, schema, model, question) {
  if (!rows$design$rows) return(NULL)
  rows$sides <- open_sides(rows$response, model$family)
  runs <- function(stage) !is.null(stage$step)
  if (question$what == "rest" || any(vapply(question$stages, runs, NA))) rows$working <- working_rows(rows, model, question)
  rows$left <- left_sides(rows, question$stages, schema, model)
  search_answers[[question$what]](rows, schema, model, question)
}

working_rows <- function(rows, model, question) {
  problem <- rows$problem %||% pass_problem(rows$design, rows$response)
  ask_core(problem$core, question$coefficients, list(need = character(), rows = TRUE, threads = model$threads))
}

# The sides without those of rows that are separated: those in `cells`, those that run away with the `step`, or that a
# `direction` moves, each stage among the rows that those before it leave.
left_sides <- function(rows, stages, schema, model) {
  left <- rows$sides
  for (stage in stages) {
    separated <- if (!is.null(stage$cells)) {
      rows_in_cells(stage$cells, rows$design, schema)
    } else if (!is.null(stage$step)) {
      run_away(move_rows(rows$design, stage$step, model), left, rows$working$working_residuals)
    } else {
      which(row_slack(rows, left, stage, model)$slack > 100 * stage$basis$tolerance)
    }
    left[separated] <- NA
  }
  left
}

row_slack <- function(rows, sides, stage, model) {
  basis <- with_norms(stage$basis, rows, model)
  list(slack = slack_of(stage$direction, 1, rows$design, sides, basis, model), norms = basis$norms)
}

with_norms <- function(basis, rows, model) {
  basis$norms <- sqrt(quadratic_forms_impl(rows$design, basis$root, basis$estimable, model$threads))
  basis
}

separated_rows <- function(rows) which(!is.na(rows$sides) & is.na(rows$left))

search_answers <- list(
  # Which cells of factors have rows to one side only.
  cells = function(rows, schema, model, question) cell_sides(rows$design, rows$response, schema, open_ends(model$family)),
  # The rows that are left: their margins, the roots of [X side] and of [X z] with the working weights and residuals
  # z; a census of the others.
  rest = function(rows, schema, model, question) {
    working <- rows$working
    used <- as.double(!is.na(rows$left))
    counts <- rows$counts %||% used
    list(rows = rows$design$rows, is_finite = all(is.finite(working$working_residuals)),
         margins = residual_margins_impl(rows$left, working$working_weights, working$working_residuals),
         root = root_beside(rows$design, rows$left, used * counts, model),
         working_root = root_beside(rows$design, working$working_residuals, used * working$working_weights, model),
         census = census_of(separated_rows(rows), rows$sides, schema, rows$design, rows$counts))
  },
  # That census alone.
  census = function(rows, schema, model, question) {
    list(rows = rows$design$rows, census = census_of(separated_rows(rows), rows$sides, schema, rows$design, rows$counts))
  },
  # How far `direction` moves any row.
  move = function(rows, schema, model, question) max(abs(move_rows(rows$design, question$direction, model))),
  # Does `direction` move all separated rows to their side, and no other?
  check = function(rows, schema, model, question) {
    moves <- move_rows(rows$design, question$direction, model)
    isTRUE(moves_separate(moves, separated_rows(rows), rows$sides, with_norms(question$basis, rows, model)))
  },
  # The rows left that stand most against `direction`, at most `most`, with their places; how many it separates.
  cone = function(rows, schema, model, question) {
    found <- row_slack(rows, rows$left, question, model)
    against <- which(found$slack < -question$basis$tolerance)
    # Equal rows have equal slack, and one of them says it all.
    against <- against[!duplicated(found$slack[against])]
    against <- utils::head(against[order(found$slack[against])], question$most)
    list(rows = rows$design$rows, most = question$most, separated = sum(found$slack > 100 * question$basis$tolerance, na.rm = TRUE),
         slack = found$slack[against], values = design_rows_impl(rows$design, against), sides = rows$left[against],
         norms = found$norms[against], places = against)
  },
  # How much of `first` makes up for what `second` does to the rows that `first` separates.
  excess = function(rows, schema, model, question) {
    separated <- separated_rows(rows)
    gain <- function(direction) move_rows(rows$design, direction, model)[separated] * rows$sides[separated]
    max(-2 * gain(question$second) / gain(question$first), -Inf)
  }
)

# The root of sqrt(weights) [X values], over the rows of positive weight.
root_beside <- function(design, values, weights, model) {
  weights[!is.finite(weights)] <- 0
  values[weights == 0 | !is.finite(values)] <- 0
  design <- design_beside(design, values)
  count <- design$coefficients
  core <- open_problem_impl(list(kind = "rows", design = design, family = native_family(stats::gaussian()),
                                 response = list(y = numeric(design$rows), weights = weights, offset = NULL, start_eta = NULL)))
  ask_core(core, numeric(count), list(need = "root", threads = model$threads))$root
}

# The design with one more column, in its one dense block.
design_beside <- function(design, values) {
  count <- as.integer(design$coefficients) + 1L
  column <- dense_block(dense_part(length(design$variables) + 1L, 1L, count))[[1]]
  is_dense <- vapply(design$blocks, function(block) block$kind == "dense", NA)
  for (dense in design$blocks[is_dense]) {
    column[c("variable", "column", "position")] <- Map(c, dense[c("variable", "column", "position")], column[c("variable", "column", "position")])
    column$start <- c(dense$start, dense$start[length(dense$start)] + 1L)
  }
  list(rows = design$rows, coefficients = count, variables = c(design$variables, list(as.double(values))),
       blocks = c(list(column), design$blocks[!is_dense]))
}

# ---- Answers of two sets of rows, the first before the second ----

merge_searches <- function(a, b) {
  if (is.null(a) || is.null(b)) return(a %||% b)
  if (is.logical(a)) return(a && b)
  if (is.numeric(a)) return(max(a, b))
  if (is.null(names(a))) return(merge_cell_sides(a, b))
  if (is.null(a$margins) && !is.null(a$census)) return(list(rows = a$rows + b$rows, census = merge_census(a$census, b$census, a$rows)))
  if (is.null(a$margins)) merge_against(a, b) else merge_rests(a, b)
}

merge_rests <- function(a, b) {
  list(rows = a$rows + b$rows, is_finite = a$is_finite && b$is_finite, margins = merge_margins(a$margins, b$margins),
       root = merge_roots_impl(a$root, b$root), working_root = merge_roots_impl(a$working_root, b$working_root),
       census = merge_census(a$census, b$census, a$rows))
}

merge_margins <- function(a, b) {
  list(least_square = min(a$least_square, b$least_square), least = min(a$least, b$least), largest = max(a$largest, b$largest),
       signs_agree = a$signs_agree && b$signs_agree, one_sided = a$one_sided + b$one_sided)
}

# `before`: the number of rows that come before those of `b`.
merge_census <- function(a, b, before) {
  list(used = a$used + b$used, separated = a$separated + b$separated, least_side = min(a$least_side, b$least_side),
       most_side = max(a$most_side, b$most_side), first = utils::head(c(a$first, b$first + before), 10),
       levels = Map(function(x, y) if (!is.null(x)) x + y, a$levels, b$levels))
}

merge_against <- function(a, b) {
  slack <- c(a$slack, b$slack)
  most <- utils::head(order(slack), a$most)
  list(rows = a$rows + b$rows, most = a$most, separated = a$separated + b$separated, slack = slack[most],
       values = rbind(a$values, b$values)[most, , drop = FALSE], sides = c(a$sides, b$sides)[most],
       norms = c(a$norms, b$norms)[most], places = c(a$places, b$places + a$rows)[most])
}
