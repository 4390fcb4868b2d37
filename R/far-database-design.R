# The design of a fit by sums: what its columns are in the cells, and how they are centred and scaled.

begin_sums <- function(home, schema) {
  home$plan <- find_failure(add_design(home$plan, schema))
  home$is_by_cell <- are_rows_of_cells_alike(home$plan) && native_family(home$model$family)$variance %in% names(saturated_terms)
  if (home$is_by_cell) begin_cells(home, schema)
  0
}

# What a column of the design is: `cell_values` (cells x columns) times the multiplier `multiplier[j]`. To standardise,
# X = Z T, where Z has the centred and scaled columns: b in the columns of X is T b in those of Z.
add_design <- function(plan, schema) {
  plan$schema <- schema
  frame <- cell_frame(plan, schema)
  plan$cell_values <- unname(stats::model.matrix(schema$terms, frame, schema$contrasts))
  kinds <- vapply(plan$variables, `[[`, "", "kind")
  sets <- lapply(schema$assign, function(k) if (k == 0) integer() else numeric_members(schema$layout[[k]]$variables, kinds))
  plan$multiplier <- match(lapply(sets, as.integer), lapply(plan$multipliers, as.integer))
  plan$standard <- standardise(plan)
  plan
}

# The key of the first level of a factor as response, NA where these rows have none of it.
find_failure <- function(plan) {
  place <- response_column(plan$frame)
  response <- plan$variables[[place]]
  if (response$kind == "key") plan$failure <- response$keys[match(plan$schema$variables[[place]]$levels[1], response$levels)]
  plan
}

# A model frame with a row per cell, its numbers all 1.
cell_frame <- function(plan, schema) {
  rows <- max(1L, lengths(plan$cells))
  frame <- lapply(seq_along(plan$variables), function(k) {
    variable <- plan$variables[[k]]
    codes <- plan$cells[[match(k, plan$factors)]]
    if (is.na(match(k, plan$factors))) return(rep(1, rows))
    if (variable$kind == "flag") return(codes == 2L)
    factor(variable$levels[codes], levels = schema$variables[[k]]$levels, ordered = isTRUE(variable$ordered))
  })
  structure(frame, names = names(plan$variables), row.names = seq_len(rows), class = "data.frame", terms = schema$terms)
}

# A multiplier is centred when each of its columns has among the columns before it those that carry the centre: with
# the same cell values and no multiplier, or, for a plain column, the levels of a factor.
standardise <- function(plan) {
  count <- length(plan$multiplier)
  transform <- diag(count)
  centre <- c(0, plan$moments$centre)
  scale <- c(1, plan$moments$scale)
  for (a in seq_along(plan$multipliers)[-1]) {
    columns <- which(plan$multiplier == a)
    carriers <- lapply(columns, function(j) carriers_of(plan, j))
    if (any(lengths(carriers) == 0)) centre[a] <- 0
    for (i in seq_along(columns)) {
      if (centre[a] != 0) transform[carriers[[i]], columns[i]] <- centre[a]
      transform[columns[i], columns[i]] <- scale[a]
    }
  }
  list(transform = transform, centre = centre, scale = scale)
}

carriers_of <- function(plan, column) {
  values <- plan$cell_values[, column]
  before <- which(plan$multiplier == 1 & seq_along(plan$multiplier) < column)
  equal <- before[colSums(plan$cell_values[, before, drop = FALSE] != values) == 0]
  if (length(equal)) return(equal[1])
  if (any(values != 1)) return(integer())
  for (term in unique(plan$schema$assign[before])) {
    members <- before[plan$schema$assign[before] == term]
    if (all(rowSums(plan$cell_values[, members, drop = FALSE]) == 1)) return(members)
  }
  integer()
}
