"""Addresses of people: team, invitations, roles, one's own pages."""

from django.urls import path

from digiweb.views import picture
from people.views import (
    invitation,
    me,
    preferences,
    removal,
    role,
    salesperson,
    target,
    user,
    view_as,
)

app_name = "people"

urlpatterns = [
    path("settings/team/", user.UserListView.as_view(), name="user_list"),
    path("settings/team/new/", user.UserCreateView.as_view(), name="user_new"),
    path("settings/team/<int:pk>/", user.UserDetailView.as_view(), name="user_detail"),
    path("settings/team/<int:pk>/edit/", user.UserEditView.as_view(), name="user_edit"),
    path("settings/team/<int:pk>/deactivate/", user.UserDeactivateView.as_view(), name="user_deactivate"),
    path("settings/team/<int:pk>/activate/", user.UserActivateView.as_view(), name="user_activate"),
    path(
        "settings/team/<int:pk>/second-factor/",
        user.UserSecondFactorView.as_view(),
        name="user_second_factor",
    ),
    path("settings/team/<int:pk>/remove/", removal.UserRemoveView.as_view(), name="user_remove"),
    path(
        "settings/team/<int:pk>/salesperson/",
        salesperson.SalespersonEditView.as_view(),
        name="user_salesperson",
    ),
    path("settings/team/<int:pk>/targets/", target.TargetsView.as_view(), name="user_targets"),
    path(
        "settings/team/<int:pk>/invitation/", invitation.InvitationSendView.as_view(), name="invitation_send"
    ),
    path("settings/team/<int:pk>/view-as/", view_as.ViewAsView.as_view(), name="view_as"),
    path("settings/view-as/stop/", view_as.ViewAsStopView.as_view(), name="view_as_stop"),
    path(
        "settings/team/invitations/<int:pk>/revoke/",
        invitation.InvitationRevokeView.as_view(),
        name="invitation_revoke",
    ),
    path(
        "accounts/invitation/<str:token>/",
        invitation.InvitationAcceptView.as_view(),
        name="invitation_accept",
    ),
    path("settings/roles/", role.RoleListView.as_view(), name="role_list"),
    path("settings/roles/new/", role.RoleCreateView.as_view(), name="role_new"),
    path("settings/roles/<int:pk>/", role.RoleEditView.as_view(), name="role_edit"),
    path("settings/roles/<int:pk>/delete/", role.RoleDeleteView.as_view(), name="role_delete"),
    path("me/", me.MeView.as_view(), name="me"),
    path("me/edit/", me.ProfileEditView.as_view(), name="me_edit"),
    path("me/tokens/new/", me.TokenCreateView.as_view(), name="token_new"),
    path("me/tokens/<int:pk>/revoke/", me.TokenRevokeView.as_view(), name="token_revoke"),
    path("me/sessions/<int:pk>/end/", me.SessionEndView.as_view(), name="session_end"),
    path("files/photos/<str:name>", picture.PictureView.as_view(), name="photo"),
    path("lists/preference/", preferences.ListPreferenceView.as_view(), name="list_preference"),
    path("lists/views/new/", preferences.SavedViewCreateView.as_view(), name="saved_view_new"),
    path("lists/views/<int:pk>/delete/", preferences.SavedViewDeleteView.as_view(), name="saved_view_delete"),
]
