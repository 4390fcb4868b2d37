# An actuary: claim frequency and severity of a portfolio (simulated), relativities for the tariff, and how well it tells risks apart.
library(glmpp)
set.seed(1)
n <- 20000
policies <- data.frame(exposure = runif(n, 0.1, 1), age = factor(sample(c("18-24", "25-59", "60+"), n, TRUE, c(0.1, 0.6, 0.3)), c("25-59", "18-24", "60+")),
                       region = factor(sample(LETTERS[1:8], n, TRUE)), power = sample(50:150, n, TRUE))
mean_claims <- with(policies, exposure * exp(-2.5 + 0.6 * (age == "18-24") + 0.3 * (region == "C") + 0.004 * power))
policies$claims <- rpois(n, mean_claims)
policies$cost <- ifelse(policies$claims > 0, rgamma(n, 2 * pmax(policies$claims, 1), 2 / 1000) / pmax(policies$claims, 1), NA)
train <- policies[seq_len(n / 2), ]
test <- policies[-seq_len(n / 2), ]

# Frequency with exposure; severity of policies with claims, weighted by their number.
frequency <- glmpp(claims ~ age + region + power + offset(log(exposure)), poisson, train)
severity <- glmpp(cost ~ age + power, Gamma("log"), train[train$claims > 0, ], weights = claims)
tariff <- relativities(frequency)
print(tariff)

# The product is the pure premium of a year; how it orders policies that the fits have not seen.
premium <- predict(frequency, transform(test, exposure = 1), type = "response") * predict(severity, test, type = "response")
print(summary(premium))
gain <- gain_curve(frequency, newdata = test)
lift <- lift_bins(frequency, newdata = test, bins = 5)
print(gain$gini)
print(lift)

# Was the age worth it?
simple <- glmpp(claims ~ region + power + offset(log(exposure)), poisson, train)
print(anova(simple, frequency, test = "Chisq"))
print(double_lift_bins(frequency, simple, newdata = test, bins = 5))
