# Where no numeric variable and no offset is in the model, all rows of a cell have the same mean, and the deviance is
#   sum_i w_i d(y_i, mu) = sum_c W_c d(ybar_c, mu_c) + sum_i w_i t(y_i) - sum_c W_c t(ybar_c),
# t being the part of d that knows no mean. One query for W, ybar, t and the squares within each cell, and the fit runs in R.

saturated_terms <- c(
  constant = "0", mu = "2 * CASE WHEN y > 0 THEN y * LN(y) ELSE 0 END", `mu^2` = "-2 * LN(y)", `mu^3` = "1 / y",
  `mu(1-mu)` = "2 * (CASE WHEN y > 0 THEN y * LN(y) ELSE 0 END + CASE WHEN y < 1 THEN (1 - y) * LN(1 - y) ELSE 0 END)"
)

saturated_value <- function(variance, y) {
  entropy <- function(p) ifelse(p > 0, p * log(p), 0)
  switch(variance, constant = 0 * y, mu = 2 * entropy(y), `mu^2` = -2 * log(y), `mu^3` = 1 / y,
         `mu(1-mu)` = 2 * (entropy(y) + entropy(1 - y)))
}

are_rows_of_cells_alike <- function(plan) length(plan$multipliers) == 1 && is.null(plan$offset)

begin_cells <- function(home, schema) {
  plan <- home$plan
  database <- home$database
  variance <- native_family(home$model$family)$variance
  columns <- response_columns(plan, database)
  has_weights <- "wt" %in% names(columns)
  keys <- if (length(plan$factors)) paste0("g", plan$factors)
  sums <- c(rows = "COUNT(*)", weight = if (has_weights) "SUM(wt)" else "COUNT(*)", y = weighted_sum("y", has_weights),
            squares = weighted_sum(sprintf("(y - %1$s) * (y - %1$s)", quote_number(database, plan$mean)), has_weights),
            saturated = weighted_sum(spell_functions(sprintf("(%s)", saturated_terms[[variance]]), database), has_weights))
  cells <- fetch_cells(home, sums, complete_query(plan, database, base_columns(plan, database)))
  weight <- cells[, "weight"]
  y <- ifelse(weight > 0, cells[, "y"] / weight, plan$mean)
  home$alike <- list(within = pmax(cells[, "squares"] - weight * (y - plan$mean)^2, 0),
                     constant = sum(cells[, "saturated"]) - sum((weight * saturated_value(variance, y))[weight > 0]))
  if (variance == "constant") home$alike$constant <- sum(home$alike$within)
  response <- list(rows = length(y), y = as.double(y), weights = as.double(weight), offset = NULL, is_bernoulli = FALSE,
                   core_family = core_family(home$model$family), mean = plan$mean)
  if (response$core_family$variance == "constant") response$start_eta <- domain_start(response$y, home$model$family)
  home$rows <- list(design = design_blocks(schema, cell_frame(plan, schema)), response = response)
}

pass_cells <- function(home, question) {
  sums <- pass_rows(home$rows, home$model, question)
  family <- home$model$family
  eta <- linear_predictor_impl(home$rows$design, question$coefficients, home$model$threads)
  within <- home$alike$within > 0
  sums$deviance <- sums$deviance + home$alike$constant
  sums$pearson <- sums$pearson + sum((home$alike$within / family$variance(family$linkinv(eta)))[within])
  if (!is.null(question$null_mean)) sums$null_deviance <- sums$null_deviance + home$alike$constant
  sums
}
