# Other packages look at the first name of a fit's class, or have methods for the fits of nnet and MASS that ours stand for. Their generics
# are answered here by the plain object: the glm, or what nnet::multinom() or MASS::polr() would have left (R/categories-views.R).

# By package; a generic that an installed version does not have is passed over, which a line in NAMESPACE could not do: hence a hook. Of
# glm's there are only those that ask for the first class, directly or further in.
glm_views <- list(
  insight = c("get_statistic", "get_df", "get_loglikelihood", "loglikelihood", "get_predicted", "get_predicted_ci"),
  parameters = c("model_parameters", "parameters", "p_value", "ci", "standard_error", "degrees_of_freedom", "dof", "simulate_model",
                 "simulate_parameters", "bootstrap_model", "standardize_parameters", "equivalence_test", "select_parameters"),
  performance = c("model_performance", "performance", "r2", "check_model", "test_performance", "test_lrt", "test_likelihoodratio",
                  "performance_aicc"),
  effectsize = c("effectsize", "standardize_parameters"),
  report = c("report", "report_table", "report_parameters", "report_statistics", "report_text", "report_model", "report_performance",
             "report_info"),
  marginaleffects = "sanitize_model_specific",
  tidypredict = c("parse_model", "tidypredict_fit", "tidypredict_interval", "tidypredict_test", "acceptable_formula"),
  car = "outlierTest",
  pmml = "pmml"
)

# Of categories all that look into the object.
category_views <- list(
  insight = c("model_info", "find_formula", "find_parameters", "find_predictors", "find_response", "find_terms", "find_weights",
              "find_algorithm", "get_parameters", "get_statistic", "get_df", "get_varcov", "get_data", "get_response", "get_predictors",
              "get_weights", "get_modelmatrix", "get_intercept", "get_predicted", "get_predicted_ci", "get_residuals", "get_deviance",
              "get_loglikelihood", "loglikelihood", "get_family", "get_call", "link_function", "link_inverse", "n_obs", "n_parameters",
              "model_name", "is_converged", "is_nullmodel", "clean_names"),
  parameters = c("model_parameters", "parameters", "p_value", "ci", "standard_error", "degrees_of_freedom", "dof", "simulate_model",
                 "simulate_parameters", "bootstrap_model", "standardize_parameters", "equivalence_test"),
  performance = c("model_performance", "performance", "r2", "r2_mcfadden", "r2_nagelkerke", "r2_coxsnell", "performance_aicc",
                  "performance_aic", "performance_rmse"),
  report = c("report", "report_table", "report_parameters"),
  effects = c("Effect", "allEffects", "predictorEffect", "predictorEffects", "effSources"),
  marginaleffects = c("sanitize_model_specific", "get_coef", "set_coef", "get_vcov", "get_predict", "get_group_names",
                      "get_model_matrix"),
  generics = "augment",
  broom.helpers = c("model_get_coefficients_type", "model_get_model_frame", "model_identify_variables", "model_get_n",
                    "model_get_model_matrix"),
  car = c("Anova", "vif", "poTest")
)

.onLoad <- function(libname, pkgname) {
  register_views(glm_views, "glmpp", plain_view)
  register_views(category_views, "glmpp_categories", category_view)
  when_loaded("parsnip", register_engine)
}

# A hook outlives the package that has set it.
when_loaded <- function(package, register) {
  hook <- function(...) if (isNamespaceLoaded("glmpp")) register()
  if (isNamespaceLoaded(package)) hook()
  setHook(packageEvent(package, "onLoad"), hook)
}

register_views <- function(table, class, view_of) {
  lapply(names(table), function(package) {
    when_loaded(package, function() for (generic in table[[package]]) register_view(package, generic, class, view_of))
  })
}

register_view <- function(package, generic, class, view_of) {
  namespace <- asNamespace(package)
  found <- get0(generic, namespace, mode = "function")
  argument <- if (is.function(found)) dispatched_argument(found)
  if (!is.null(argument)) registerS3method(generic, class, view_method(found, argument, view_of), envir = namespace)
}

# What UseMethod() looks at: what it says, or the first argument. NULL of a function that is no generic.
dispatched_argument <- function(generic) {
  uses <- calls_to("UseMethod", body(generic))
  if (length(uses)) if (length(uses[[1]]) > 2) deparse1(uses[[1]][[3]]) else names(formals(generic))[1]
}

calls_to <- function(name, expression) {
  if (!is.call(expression)) return(NULL)
  if (identical(expression[[1]], as.name(name))) list(expression) else unlist(lapply(as.list(expression), calls_to, name = name))
}

# The arguments up to the fit have the generic's names; a generic of several fits has them in its dots. Where there is no view, the next
# class's method is asked.
view_method <- function(generic, argument, view_of) {
  if (argument == "...") return(function(...) of_views(generic, as.list(substitute(list(...)))[-1], list(...), view_of))
  before <- names(formals(generic))[seq_len(match(argument, names(formals(generic))))]
  method <- function() NULL
  formals(method) <- stats::setNames(rep(as.list(formals(function(empty) NULL)), length(before) + 1), c(before, "..."))
  earlier <- lapply(stats::setNames(nm = before[-length(before)]), as.name)
  body(method) <- bquote({
    view <- view_of(.(as.name(argument)))
    if (is.null(view)) NextMethod() else {
      # Packages look for the model by the name that the user gave it.
      label <- as.name(deparse1(substitute(.(as.name(argument)))))
      again <- as.call(c(quote(generic), .(earlier), stats::setNames(list(label), .(argument)), quote(...)))
      eval(again, list2env(stats::setNames(list(view), as.character(label)), parent = environment()))
    }
  })
  # Methods that the generic's package has without registering them are found from within it only.
  environment(method) <- list2env(list(generic = generic, view_of = view_of), parent = environment(generic))
  method
}

# Tables of several fits have the names by which they were given.
of_views <- function(generic, given, values, view_of) {
  views <- lapply(values, function(value) if (inherits(value, c("glmpp", "glmpp_categories"))) view_of(value) %||% value else value)
  labels <- make.unique(vapply(given, deparse1, ""))
  call <- as.call(c(quote(generic), stats::setNames(lapply(labels, as.name), names(given))))
  eval(call, list2env(c(stats::setNames(views, labels), list(generic = generic)), parent = environment(generic)))
}

# None of a fit whose rows are not there, or whose standard errors a glm could not hold.
plain_view <- function(object) {
  has_rows <- !inherits(object, "glmpp_remote") && !length(.subset2(object, "left_out"))
  if (has_rows && !has_joint_errors(object) && !lacks_leverages(object)) tryCatch(plain_glm(object), glmpp_error_memory = function(e) NULL)
}
