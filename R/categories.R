# Models for a response of several categories: multinomial logit and cumulative link models. They share glmpp()'s frame,
# schema and blocks; what they have instead of one linear predictor per row is in the files categories-*.R.

fit_categories <- function(frame, family, start, contrasts, settings, singular.ok, call, formula, data, keep) {
  schema <- category_schema(frame, contrasts, family)
  design <- design_blocks(schema, frame)
  response <- read_categories(frame, family, settings$threads)
  problem <- category_problem(design, response, schema, category_settings(settings, design, response))
  solution <- solve_categories(problem, start)
  if (length(solution$aliased)) check_rank(solution$aliased, solution$names, singular.ok)
  solution$separation <- find_category_separation(solution, problem)
  if (is.null(solution$separation)) warn_category_convergence(solution, problem$settings)
  else warn_category_separation(solution$separation)
  fit <- new_category_fit(solution, problem)
  complete_category_fit(fit, frame, schema, response, call, formula, data, keep)
}

# The thresholds take the place of an ordinal model's intercept.
category_schema <- function(frame, contrasts, family) {
  refuse_row_starts(frame)
  if (!is_ordinal(family)) return(new_schema(frame, contrasts))
  terms <- attr(frame, "terms")
  if (!attr(terms, "intercept")) {
    warn_glmpp("formula", "an intercept is needed and assumed",
               i = "The thresholds of an ordinal model take its place.")
    attr(attr(frame, "terms"), "intercept") <- 1L
  }
  schema <- new_schema(frame, contrasts)
  schema$intercept <- FALSE
  schema$columns <- schema$columns[-1]
  schema$assign <- schema$assign[-1]
  schema$blocks <- NULL  # they have the intercept's place
  schema
}

refuse_row_starts <- function(frame) {
  given <- intersect(c("(etastart)", "(mustart)"), names(frame))
  if (!length(given)) return(invisible())
  stop_glmpp("argument", sprintf("`%s` can't be used with several linear predictors per row.", gsub("[()]", "", given[1])),
             i = "Give `start`: coefficients, in the shape that ?multinomial describes.")
}
