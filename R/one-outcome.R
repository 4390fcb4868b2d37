# Levels of factors, and cells of several, whose rows all have one outcome, at an end of the range of the mean: nothing
# but failures, or zeros. Where the indicator of such a cell is a combination of the design's columns, the likelihood rises for
# ever along it: that needs no search, and a fit may start near the limit.

# In memory, for a fit: NULL, or list(direction, separated, held): the sum of the indicators with their signs, as coefficients; the
# rows that it moves; columns without which no combination of the cells' indicators is left.
one_outcome_cells <- function(problem) {
  design <- problem$design
  response <- problem$response
  ends <- open_ends(problem$family)
  if (is.null(ends)) return(NULL)
  cells <- runaway_cells(cell_sides(design, response, problem$schema, ends), problem$schema)
  if (!length(cells)) return(NULL)
  separated <- rows_in_cells(cells, design, problem$schema, response$weights)
  if (length(separated) == used_rows(response)) return(NULL)
  list(direction = total_direction(cells, length(problem$schema$columns)), separated = separated,
       held = columns_to_hold(lapply(cells, `[[`, "direction"), length(problem$schema$columns)))
}

# Of each term of factors alone, and each of its cells, the first factor fastest: -1 or 1 where all rows are on that side, 2 where
# they are not, 0 where there is none; NULL for other terms.
cell_sides <- function(design, response, schema, ends) {
  sides <- vector("list", length(schema$layout))
  values <- end_values(ends)
  for (k in seq_along(sides)) {
    chosen <- schema$layout[[k]]$variables
    members <- schema$variables[chosen]
    if (!all_categorical(members)) next
    sides[[k]] <- one_sided_cells_impl(response$y, response$weights, values[1], values[2], design$variables[chosen],
                                       first_codes(members), level_counts(members))
  }
  sides
}

all_categorical <- function(members) {
  for (member in members) if (!is_categorical(member)) return(FALSE)
  length(members) > 0
}

merge_cell_sides <- function(a, b) {
  Map(function(x, y) {
    if (!is.null(x)) ifelse(x == 0L, y, ifelse(y == 0L | x == y, x, 2L))
  }, a, b)
}

# The cells on one side whose indicator is in the span of the design, but those within another: each a list of `variables`,
# `levels` (positions) and the `direction` of its indicator, with its side as sign: list(column, value), what is not zero of it.
runaway_cells <- function(sides, schema) {
  has_any <- vapply(sides, function(of_cell) 1L %in% of_cell || -1L %in% of_cell, NA)
  if (!any(has_any)) return(list())
  terms <- term_places(schema)
  found <- list()
  for (k in order(lengths(lapply(terms, `[[`, "variables")))) {
    term <- terms[[k]]
    cells <- which(sides[[k]] == -1L | sides[[k]] == 1L)
    if (!length(cells)) next
    levels <- arrayInd(cells, term$sizes)
    new <- which(!is_part_of(found, term$variables, levels))
    columns <- own_columns(term, levels, schema$variables)
    found <- c(found, Filter(Negate(is.null), lapply(new, function(i) {
      side <- sides[[k]][cells[i]]
      direction <- if (!is.na(columns[i])) list(column = columns[i], value = side)
                   else sparse_direction(side, indicator_direction(term$variables, levels[i, ], terms, schema))
      if (!is.null(direction)) list(variables = term$variables, levels = levels[i, ], direction = direction)
    })))
  }
  found
}

sparse_direction <- function(side, indicator) {
  if (is.null(indicator)) return(NULL)
  column <- which(indicator != 0)
  list(column = column, value = side * indicator[column])
}

# The sum of the cells' directions, of so many coefficients.
total_direction <- function(cells, count) {
  total <- numeric(count)
  for (cell in cells) total[cell$direction$column] <- total[cell$direction$column] + cell$direction$value
  total
}

# Of cells, a row of `levels` each, the column of the design that is their indicator; NA where none is.
own_columns <- function(term, levels, variables) {
  column <- rep(1, nrow(levels))
  stride <- 1
  for (m in seq_along(term$variables)) {
    variable <- variables[[term$variables[m]]]
    if (term$full[m]) {
      of_level <- levels[, m]
      width <- length(variable$levels)
    } else {
      if (!is_treatment_coded(variable)) return(rep(NA_real_, nrow(levels)))
      of_level <- variable$column[match(levels[, m], variable$level)]
      width <- variable$columns
    }
    column <- column + (of_level - 1) * stride
    stride <- stride * width
  }
  term$columns[column]
}

is_treatment_coded <- function(variable) {
  count <- length(variable$levels)
  variable$columns == count - 1 && length(variable$column) == count - 1 && all(variable$value == 1) && !anyDuplicated(variable$level)
}

# The rows with weight in any of the cells.
rows_in_cells <- function(cells, design, schema, weights = NULL) {
  inside <- logical(design$rows)
  keys <- vapply(cells, function(cell) paste(cell$variables, collapse = " "), "")
  for (of_term in split(cells, keys)) {
    variables <- of_term[[1]]$variables
    members <- schema$variables[variables]
    sizes <- level_counts(members)
    wanted <- logical(prod(sizes))
    for (cell in of_term) wanted[1 + sum((cell$levels - 1) * cumprod(c(1, sizes))[seq_along(sizes)])] <- TRUE
    inside <- inside | wanted[cell_of_rows(design$variables[variables], first_codes(members), sizes)]
  }
  which(if (is.null(weights)) inside else inside & weights != 0)
}

level_counts <- function(members) lengths(lapply(members, `[[`, "levels"))

first_codes <- function(members) as.integer(!unlist(lapply(members, `[[`, "is_logical")))

used_rows <- function(response) if (is.null(response$weights)) response$rows else sum(response$weights != 0)

# Of each term of the schema: its variables, their coding, and where its columns are.
term_places <- function(schema) {
  lapply(seq_along(schema$layout), function(k) {
    term <- schema$layout[[k]]
    members <- schema$variables[term$variables]
    place <- c(term, list(is_categorical = all_categorical(members), columns = which(schema$assign == k)))
    if (place$is_categorical) place[c("sizes", "first")] <- list(level_counts(members), first_codes(members))
    place
  })
}

# Of cells, a row of `levels` each: does one that was found before, of some of the variables, contain it?
is_part_of <- function(found, variables, levels) {
  is_part <- logical(nrow(levels))
  keys <- vapply(found, function(cell) paste(cell$variables, collapse = " "), "")
  for (of_term in split(found, keys)) {
    at <- match(of_term[[1]]$variables, variables)
    if (anyNA(at)) next
    known <- vapply(of_term, function(cell) paste(cell$levels, collapse = " "), "")
    is_part <- is_part | do.call(paste, lapply(at, function(m) levels[, m])) %in% known
  }
  is_part
}

cell_of_rows <- function(codes, first, sizes) {
  cell <- as.integer(codes[[1]]) - first[1] + 1L
  stride <- sizes[1]
  for (k in seq_along(codes)[-1]) {
    cell <- cell + stride * (as.integer(codes[[k]]) - first[k])
    stride <- stride * sizes[k]
  }
  cell
}

# The indicator of a cell as coefficients; NULL where it is no combination of the columns.
indicator_direction <- function(variables, levels, terms, schema) {
  values <- Map(function(v, level) replace(numeric(length(schema$variables[[v]]$levels)), level, 1), variables, levels)
  product_as_coefficients(variables, values, terms, schema)
}

# The product of functions of factors, each given by its `values` at the levels. In a term that codes a factor by contrasts C
# its function is a + C b: every choice of factors that give C b, while the others give a, is the business of a term.
product_as_coefficients <- function(variables, values, terms, schema) {
  direction <- numeric(length(schema$columns))
  if (!length(variables)) return(constant_in_model(direction, terms, schema))
  for (term in terms) {
    if (!term$is_categorical || !setequal(term$variables, variables)) next
    parts <- Map(function(v, full) coded_parts(schema$variables[[v]], full, values[[match(v, variables)]]), term$variables, term$full)
    if (any(lengths(parts) == 0)) return(NULL)
    direction[term$columns] <- as.vector(Reduce(outer, lapply(parts, `[[`, "coefficients")))
    constants <- vapply(parts, `[[`, 0, "constant")
    for (choice in seq_len(2^length(parts) - 1) - 1L) {
      stays <- bitwAnd(choice, 2L^(seq_along(parts) - 1L)) > 0
      amount <- prod(constants[!stays])
      if (amount == 0) next
      smaller <- product_as_coefficients(term$variables[stays], lapply(parts[stays], `[[`, "rest"), terms, schema)
      if (is.null(smaller)) return(NULL)
      direction <- direction + amount * smaller
    }
    return(direction)
  }
}

# A function of one factor as `constant` and `coefficients` of the columns, which make the `rest`.
coded_parts <- function(variable, full, values) {
  if (full) return(list(constant = 0, coefficients = values, rest = values))
  count <- length(values)
  if (variable$columns != count - 1) return(NULL)
  if (is_treatment_coded(variable)) {
    base <- setdiff(seq_len(count), variable$level)
    constant <- values[base]
    coefficients <- replace(numeric(count - 1), variable$column, values[variable$level] - constant)
  } else {
    most_solved <- 200
    if (count > most_solved) return(NULL)
    coding <- matrix(0, count, variable$columns)
    coding[cbind(variable$level, variable$column)] <- variable$value
    solved <- tryCatch(solve(cbind(1, coding), values), error = function(e) NULL)
    if (is.null(solved)) return(NULL)
    solved[abs(solved) < 1e-12 * max(abs(values))] <- 0
    constant <- solved[1]
    coefficients <- solved[-1]
  }
  list(constant = constant, coefficients = coefficients, rest = values - constant)
}

constant_in_model <- function(direction, terms, schema) {
  if (schema$intercept) return(replace(direction, 1, 1))
  for (term in terms) {
    if (term$is_categorical && length(term$variables) == 1 && term$full) return(replace(direction, term$columns, 1))
  }
}

# One column for each direction, such that no combination of the directions is zero in all of them.
columns_to_hold <- function(directions, count) {
  sizes <- lengths(lapply(directions, `[[`, "column"))
  single <- unique(unlist(lapply(directions[sizes == 1], `[[`, "column")))
  others <- directions[sizes > 1]
  if (!length(others)) return(single)
  rest <- matrix(0, length(others), count)
  for (k in seq_along(others)) rest[k, others[[k]]$column] <- others[[k]]$value
  rest[, single] <- 0
  pivoted <- qr(rest, LAPACK = TRUE)
  sizes <- abs(diag(pivoted$qr))
  c(single, pivoted$pivot[which(sizes > 1e-8 * max(sizes, 1e-300))])
}

# Where a fit starts beside such cells: at the common mean, but that of their rows next to its limit. NULL where the link
# reaches that only far out, or nothing is known of the common mean.
start_at_limit <- function(cells, problem) {
  nearly <- 1e-12
  farthest <- if (problem$family$link == "log") 600 else 50
  middle <- problem$middle
  if (!length(problem$anchor) || length(middle) != 1 || is.na(middle)) return(NULL)
  ends <- open_ends(problem$family)
  mean <- problem$facts$mean
  reach <- function(limit) suppressWarnings(problem$family$linkfun(limit)) - middle
  rate <- of_parameter(problem$family, "limit_rate") %||% 1
  low <- if (!ends$bottom) 0
         else if (has_successes(problem$family)) reach(nearly)
         else max(log(nearly) / rate, -farthest)  # under the log link
  high <- if (ends$top) reach(1 - nearly) else 0
  size <- max(abs(c(low, high)))
  if (is.finite(size) && size < farthest) problem$anchor + size * cells$direction
}

# What levels with one outcome separate is known, and most often all: then the other rows prove it.
complete_separation <- function(cells, solution, design, schema, sides, family, settings) {
  left <- replace(sides, cells$separated, NA)
  is_all <- !any(left != 0, na.rm = TRUE) || prove_optimum_of(solution, design, left, settings, cells$held)
  if (!is_all) {
    found <- tryCatch(search_separation(solution, design, schema, sides, family, settings), separation_undecided = warn_undecided)
    if (!is.null(found)) return(found)
  }
  new_separation(cells$direction, census_of(cells$separated, sides, schema, design), schema, family)
}
