# The problem of a response of several categories, and its solution.

# What "auto" means here, and what can't be.
category_settings <- function(settings, design, response) {
  if (settings$is_auto) settings$solver <- auto_solver(design, response)
  if (identical(settings$solver$options$loss, "squared_error")) {
    stop_glmpp("solver", "sgd() of the squared error is for one linear predictor per row.", i = "Use `loss = \"log_likelihood\"`.")
  }
  settings
}

# Newton's method needs fewer passes than Fisher scoring where the two differ. With 3000 coefficients Fisher scoring
# still took less time than L-BFGS; the information of 5000 is 200 MB.
auto_solver <- function(design, response) {
  many <- 5000
  count <- design$coefficients * length(free_classes(response))
  if (is_ordinal(response$family)) newton() else if (count > many) lbfgs() else irls()
}

solve_categories <- function(problem, start) {
  start <- if (is.list(start)) start else category_start(start, problem$design, problem$response, problem$schema)
  solution <- named_solution(solve_problem(problem, core_start(start)), problem)
  solution$undetermined <- problem$undetermined
  if (is.null(problem$settings$solver$options$learning_rate)) solution$coefficients <- keep_sums(solution, start)
  solution$observed <- category_observed(solution, problem)
  solution
}

named_solution <- function(solution, problem) {
  solution$names <- problem$names
  solution
}

# `undetermined`: the columns whose coefficients' sums over the classes nothing determines, or those of them that are to be
# given some curvature.
category_problem <- function(design, response, schema, settings,
                             undetermined = undetermined_columns(response, category_penalty(settings$penalty, response, schema), schema)) {
  family <- response$family
  core <- open_problem_impl(c(list(kind = "categories", design = design), core_categories(response, undetermined)))
  problem <- new_problem(
    core, family, schema, settings, list(rows = design$rows, mean = NULL, mean_weight = 1, mean_offset = 0),
        function(name) category_lacks(name, family),
    names = core_names(response, schema$columns), design = design, response = response, undetermined = undetermined,
    request = function(settings) NULL,
    penalty = function(settings) category_penalty(settings$penalty, response, schema),
    no_start = stop_no_category_start, extreme = function() NULL
  )
  problem["anchor"] <- list(NULL)
  problem
}

category_lacks <- function(name, family) {
  switch(name,
    epochs = if (is_ordinal(family)) of_family(family, "a step by one row may put its thresholds out of order"),
    sample = , second_try = "it starts from the shares of the classes",
    groups = , bends = , sandwich = , profile = "a row has several linear predictors"
  )
}

stop_no_category_start <- function() {
  stop_glmpp("start", "cannot find valid starting values: please specify some.",
             x = "At `start` some class has no probability.", i = "Leave `start` out, or give one closer to the data.")
}

# Sums over the classes that nothing determines are those of the start, which not every solver keeps.
keep_sums <- function(solution, start) {
  if (!length(solution$undetermined)) return(solution$coefficients)
  coefficients <- matrix(solution$coefficients, nrow(start), byrow = TRUE)
  drift <- colMeans(coefficients) - colMeans(start)
  drift[-solution$undetermined] <- 0
  as.vector(t(sweep(coefficients, 2, drift)))
}

# Standard errors of an ordinal model come from its observed information.
category_observed <- function(solution, problem) {
  if (!is_ordinal(problem$family)) return(NULL)
  information <- evaluate_problem(problem, solution$coefficients, "observed_information")$observed_information
  penalty <- problem$penalty(problem$settings)
  if (!is.null(penalty)) information <- information + penalty_impl(penalty, solution$coefficients)$curvature
  information
}

core_categories <- function(response, undetermined) {
  family <- response$family
  list(family = if (is_ordinal(family)) list(kind = "cumulative", link = family$link)
                else list(kind = "softmax", baseline = response$baseline, undetermined = undetermined),
       response = list(classes = length(response$classes), codes = response$codes, counts = response$counts,
                       weights = as_core_column(response$weights), offset = response$offset))
}

# The columns whose coefficients have a sum over the classes that nothing determines.
undetermined_columns <- function(response, penalty, schema) {
  if (response$baseline > 0) return(integer())
  columns <- seq_along(schema$columns)
  if (is.null(penalty)) columns else columns[penalty$strength[columns] == 0]
}

# A strength for each coefficient: the same in each class; none for thresholds.
category_penalty <- function(penalty, response, schema) {
  if (is.null(penalty)) return(NULL)
  if (is_ordinal(response$family) && penalty$intercept) {
    stop_glmpp("argument", "`penalty` can't include the intercept of an ordinal model.",
               i = "It has thresholds in its place, which are not penalised.")
  }
  core <- core_penalty(penalty, length(schema$columns), schema$intercept)
  replace(core, "strength", list(if (is_ordinal(response$family)) c(numeric(length(response$classes) - 1), core$strength)
                                 else rep(core$strength, length(free_classes(response)))))
}

core_names <- function(response, columns) {
  if (is_ordinal(response$family)) return(c(threshold_names(response$classes), columns))
  class_column_names(free_classes(response), columns)
}

class_column_names <- function(classes, columns) as.vector(t(outer(classes, columns, paste, sep = ":")))

threshold_names <- function(classes) paste(classes[-length(classes)], classes[-1], sep = "|")

# The classes that have coefficients.
free_classes <- function(response) if (response$baseline > 0) response$classes[-response$baseline] else response$classes

# Without a start: the shares of the classes.
category_start <- function(start, design, response, schema) {
  count <- design$coefficients
  shares <- response$totals / sum(response$totals)
  if (is_ordinal(response$family)) {
    if (!is.null(start)) return(check_ordinal_start(start, count, length(shares) - 1))
    middle <- if (is.null(response$offset)) 0 else mean(response$offset)
    cumulative <- cumsum(shares)[-length(shares)]
    return(list(slopes = numeric(count), thresholds = middle + thresholds_impl(cumulative, response$family$link)))
  }
  free <- free_classes(response)
  if (!is.null(start)) return(check_multinomial_start(start, free, schema$columns))
  start <- matrix(0, length(free), count, dimnames = list(free, schema$columns))
  if (!schema$intercept) return(start)
  level <- if (response$baseline > 0) log(shares[response$baseline]) else mean(log(shares))
  start[, 1] <- log(shares[match(free, response$classes)]) - level
  start
}

check_multinomial_start <- function(start, free, columns) {
  if (is.null(dim(start)) && length(free) == 1) start <- matrix(start, 1)
  wanted <- c(length(free), length(columns))
  if (is.numeric(start) && identical(dim(start), wanted) && all(is.finite(start) | is.na(start))) {
    return(matrix(as.double(replace(start, is.na(start), 0)), wanted[1], dimnames = list(free, columns)))
  }
  shape <- if (length(dim(start)) == 2) sprintf(", %d x %d", nrow(start), ncol(start)) else sprintf(" of length %d", length(start))
  stop_glmpp("start", sprintf("`start` must be a matrix of numbers, %d x %d: classes x columns of the design.", wanted[1], wanted[2]),
             x = sprintf("It is %s%s.", describe_type(start), shape),
             i = sprintf("Rows: %s. Columns: %s.", comma(free), comma(columns)),
             i = if (identical(dim(start), rev(wanted))) "Its transpose, t(start), has that shape.")
}

check_ordinal_start <- function(start, count, thresholds) {
  if (!is.numeric(start) || length(start) != count + thresholds) {
    stop_glmpp("start", sprintf("`start` must be numeric, with one element per coefficient (%d) and threshold (%d).", count, thresholds),
               x = sprintf("It is %s of length %d.", describe_type(start), length(start)))
  }
  start <- list(slopes = as.double(replace(start, is.na(start), 0)[seq_len(count)]),
                thresholds = as.double(start[count + seq_len(thresholds)]))
  if (all(is.finite(start$thresholds)) && !is.unsorted(start$thresholds, strictly = TRUE)) return(start)
  stop_glmpp("start", "The thresholds in `start`, its last elements, must be finite and ascend.",
             x = sprintf("They are %s.", comma(format(start$thresholds))))
}

core_start <- function(start) if (is.list(start)) c(start$thresholds, start$slopes) else as.vector(t(start))
