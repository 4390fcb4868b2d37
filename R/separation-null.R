# Separation where columns are too many for a search: rows that the last step still moves are left out, and the combinations of columns
# that are zero in all others are tried as directions. What is found is proved by a pass; where nothing is, nothing is said.

null_direction <- function(solution, design, sides, settings) {
  step <- last_step(solution, design)
  if (!all(is.finite(step))) return(NULL)
  moved <- run_away(move_rows(design, step, settings), sides, solution$working_residuals)
  if (!length(moved)) return(NULL)
  weights <- replace(as.double(!is.na(sides)), moved, 0)
  rest <- least_squares(design, numeric(length(sides)), weights, settings)
  found <- NULL
  for (vector in null_vectors(rest, setdiff(rest$aliased, solution$aliased), design$coefficients)) {
    found <- add_null_vector(found, vector, design, sides, settings)
  }
  found
}

# Each takes a pass.
most_null_vectors <- 1000

# Each of these columns less what it is of others.
null_vectors <- function(solution, columns, count) {
  lapply(utils::head(columns, most_null_vectors), function(column) {
    parts <- solution$bordered$combinations[[match(column, solution$aliased)]]
    replace(replace(numeric(count), parts$column, parts$value), column, -1)
  })
}

# A vector that moves rows to their side, or the other way round, and no others: directions of that kind add up.
add_null_vector <- function(found, vector, design, sides, settings) {
  rounding <- 1e-8
  moves <- move_rows(design, vector, settings)
  rows <- which(abs(moves) > rounding * max(abs(moves)) & !is.na(sides))
  signs <- unique(sign(moves[rows]) * sides[rows])
  if (length(signs) != 1 || signs == 0) return(found)
  list(coefficients = signs * vector + (found$coefficients %||% 0), separated = sort(union(rows, found$separated)))
}
